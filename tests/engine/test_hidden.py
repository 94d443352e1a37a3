"""No word of an event shows a secret, and no password of an address does."""

import base64

import pytest

from understudy.engine.credentials import credentials_in, without_credentials
from understudy.engine.hidden import hidden, hidden_parameters
from understudy.engine.mask import Secrets
from understudy.findings import Finding, Severity
from understudy.model.events import (
    ApprovalAsked,
    Continued,
    Event,
    JobFinished,
    Noticed,
    PlannedJob,
    RunStarted,
    StepStarted,
)
from understudy.model.results import JobResult, Outcome

SECRETS = Secrets(["hunter2"])
FINDING = Finding(Severity.NOTE, "code", "is hunter2", hint="use hunter2")
JOB = PlannedJob("build", "build hunter2", (), ("say hunter2",), {"axis": "hunter2", "n": 1})
EVENTS: list[Event] = [
    RunStarted(0, "1", "w", "circleci", "push", "main", None, "0", "fake", (JOB,)),
    Noticed(0, None, FINDING),
    ApprovalAsked(0, "hold", "really hunter2?"),
    JobFinished(0, "build", JobResult(Outcome.FAILED, 0, 1, "step hunter2", 0, {"out": "x hunter2 y"})),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_words_of_an_event_are_masked(event: Event) -> None:
    assert "hunter2" in repr(event)
    shown = hidden(event, SECRETS)
    assert "hunter2" not in repr(shown)
    assert "****" in repr(shown)


def test_parameters_of_a_continuation_are_masked_for_people() -> None:
    event = Continued(0, "setup", "sha256:0", {"token": "hunter2", "flag": True})
    assert hidden(event, SECRETS) is event
    assert hidden_parameters(event, SECRETS).parameters == {"token": "****", "flag": True}


def test_without_secrets_an_event_is_as_it_was() -> None:
    assert all(hidden(event, Secrets()) is event for event in EVENTS)
    started = StepStarted(0, "build", 0, "say")
    assert hidden(started, SECRETS) is started


ENV = {
    "PIP_INDEX_URL": "https://me:p%40ss-word@pypi.example/simple",
    "PIP_EXTRA_INDEX_URL": "https://tok-1234@a.example/x https://b.example/y https://u:second1@c.example",
    "HTTPS_PROXY": "carol:proxypw@proxy.example:8080",
    "NO_PROXY": "localhost,.example",
    "SSL_CERT_FILE": "/etc/ssl/me@home.pem",
}


def test_passwords_of_addresses_are_found() -> None:
    found = credentials_in(ENV)
    assert {"p%40ss-word", "p@ss-word", "tok-1234", "second1", "proxypw"} <= set(found)
    masked = Secrets(found)
    assert not any(
        word in masked.hide_text(" ".join(ENV.values())) for word in ("p%40ss", "tok-", "second1", "proxypw")
    )
    basic = base64.b64encode(b"me:p@ss-word").decode()
    assert basic not in masked.hide_text(f"Authorization: Basic {basic}")
    assert masked.hide_text("pypi.example me@home") == "pypi.example me@home"


def test_addresses_without_passwords_still_lead_there() -> None:
    assert without_credentials(ENV) == {
        "PIP_INDEX_URL": "https://pypi.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example/x https://b.example/y https://c.example",
        "HTTPS_PROXY": "proxy.example:8080",
        "NO_PROXY": "localhost,.example",
        "SSL_CERT_FILE": "/etc/ssl/me@home.pem",
    }
