"""What is started and what is not, and the reasons.

https://docs.travis-ci.com/user/customizing-the-build/ and
https://docs.travis-ci.com/user/conditional-builds-stages-jobs/.
"""

import pytest

from understudy.dialects.base import EvaluationError
from understudy.dialects.travis.branches import problem
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.known_data import data
from understudy.dialects.travis.select import may_fail, stage_started, started
from understudy.dialects.travis.verdict import judged
from understudy.model.results import EventKind, Facts

Config = dict[str, Value]

PUSH = Facts("/", branch="dev", owner="ada", repository="engine", actor="ada", message="Do it")
TAG = Facts("/", event=EventKind.TAG, tag="v1.2", owner="ada", repository="engine")
CRON = Facts("/", event=EventKind.SCHEDULE, branch="main", message="Later [skip ci]")
PULL_REQUEST = Facts(
    "/",
    event=EventKind.PULL_REQUEST,
    branch="fix",
    base_branch="main",
    owner="ada",
    repository="engine",
    actor="bob",
    from_fork=True,
)


def branches(**lists: tuple[str, ...]) -> Config:
    return {"branches": dict(lists)}


@pytest.mark.parametrize(
    ("config", "facts", "expected"),
    [
        ({}, PUSH, (True, "branch `dev` is built")),
        ({}, TAG, (True, "tag `v1.2` is built")),
        (branches(only=("main", "dev")), PUSH, (True, "branch `dev` matches `only: dev`")),
        (branches(only=("main",)), PUSH, (False, "branch `dev` does not match `only: main`")),
        (branches(only=("main",)), TAG, (False, "tag `v1.2` does not match `only: main`")),
        (branches(only=("main", r"/^v\d+/")), TAG, (True, r"tag `v1.2` matches `only: /^v\d+/`")),
        (branches(only=("/e/",)), PUSH, (True, "branch `dev` matches `only: /e/`")),
        (branches(only=("/^(?i:DE)v$/",)), PUSH, (True, "branch `dev` matches `only: /^(?i:DE)v$/`")),
        (branches(only=("de",)), PUSH, (False, "branch `dev` does not match `only: de`")),
        ({"branches": {"except": ("legacy",)}}, PUSH, (True, "branch `dev` is built")),
        ({"branches": {"except": ("/^d/",)}}, PUSH, (False, "branch `dev` matches `except: /^d/`")),
        # "If you use both a safelist and a blocklist, the safelist takes precedence."
        ({"branches": {"only": ("dev",), "except": ("dev",)}}, PUSH, (True, "branch `dev` matches `only: dev`")),
        # a pull request is built for the branch that it goes into
        (branches(only=("main",)), PULL_REQUEST, (True, "branch `main` matches `only: main`")),
        ({"if": "branch = dev"}, PUSH, (True, "`if: branch = dev` holds")),
        ({"if": "tag IS present"}, PUSH, (False, "`if: tag IS present` does not hold")),
        ({"if": "branch IN ()"}, PUSH, (False, "`if: branch IN ()` can't be judged: a list of values is expected")),
        ({"if": "type = cron"}, CRON, (True, "`if: type = cron` holds")),
        ({"if": "branch = dev", **branches(only=("main",))}, PUSH, (False, "branch `dev` does not match `only: main`")),
    ],
)  # fmt: skip
def test_a_build(config: Config, facts: Facts, expected: tuple[bool, str]) -> None:
    assert started(config, facts) == expected


@pytest.mark.parametrize("name", ["gh-pages", "gh_pages"])
def test_pages_are_built_only_where_they_are_named(name: str) -> None:
    facts = Facts("/", branch=name)
    assert started({}, facts) == (False, f"branch `{name}` is not built unless `branches: only` names it")
    assert started(branches(only=(name, "/.*/")), facts)[0]


@pytest.mark.parametrize(
    "command",
    [
        "ci skip",
        "skip ci",
        "skip travis",
        "travis skip",
        "skip travis ci",
        "Travis-CI skip",
        "skip travisci",
        "SKIP CI",
    ],
)
def test_a_commit_may_ask_for_no_build(command: str) -> None:
    facts = Facts("/", branch="main", message=f"Docs\n\nbecause [{command}]")
    assert started({}, facts) == (False, f"the commit's message says `[{command}]`")


@pytest.mark.parametrize("message", ["skip ci", "[skip circle]", "[skip ci", "[no ci]", "[skip-ci]", "[skip it]"])
def test_other_words_skip_nothing(message: str) -> None:
    assert started({}, Facts("/", branch="main", message=message))[0]


def test_cron_jobs_and_what_is_not_committed_cannot_be_skipped() -> None:
    assert started({}, CRON)[0]
    assert started({}, Facts("/", branch="main", message="[skip ci]", dirty=True))[0]


def test_a_pattern_that_cannot_be_used_is_an_error_and_no_verdict() -> None:
    with pytest.raises(EvaluationError, match="can't be used"):
        started(branches(only=("/[/",)), PUSH)
    assert problem("/[/") is not None
    assert problem("/^v/") is problem("main") is None


def test_what_conditions_know_of_a_push() -> None:
    known = data(Facts("/", branch="dev", owner="ada", repository="engine", actor="ada", variables={"A": "1"}))
    assert (known["type"], known["branch"], known["repo"], known["sender"]) == ("push", "dev", "ada/engine", "ada")
    assert (known["tag"], known["head_branch"], known["env"]) == (None, None, ({"A": "1"},))


def test_what_conditions_know_of_a_tag() -> None:
    known = data(TAG)
    assert (known["type"], known["branch"], known["tag"]) == ("push", "v1.2", "v1.2")


def test_what_conditions_know_of_a_pull_request() -> None:
    known = data(PULL_REQUEST)
    assert (known["type"], known["branch"], known["head_branch"]) == ("pull_request", "main", "fix")
    assert (known["repo"], known["head_repo"]) == ("ada/engine", "bob/engine")


def test_the_whole_message_is_known() -> None:
    facts = Facts("/", branch="main", subject="Title", message="Title\n\nno-deploy")
    assert not started({"if": "commit_message !~ no-deploy"}, facts)[0]


def test_a_stage_sees_the_variables_of_the_build() -> None:
    config: Config = {"env": {"global": ({"DEPLOY": "yes"},), "jobs": ({"ONE": "1"},)}}
    assert stage_started({"name": "a"}, config, PUSH) == (True, "it has no condition")
    assert stage_started({"name": "a", "if": "env(DEPLOY) = yes AND env(ONE) = 1"}, config, PUSH)[0]
    assert stage_started({"name": "a", "if": "branch = main"}, config, PUSH) == (
        False,
        "`if: branch = main` does not hold",
    )


def test_a_job_and_a_notification_have_conditions_too() -> None:
    row: Config = {"if": "env(A) = 1", "env": ({"A": "1"},)}
    assert judged(row["if"], row, data(PUSH)) == (True, "`if: env(A) = 1` holds")
    assert not judged("branch = main", {}, data(PUSH))[0]


ROW: Config = {"python": "3.10", "os": "linux", "env": ({"G": "g"}, {"A": "1"})}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"python": "3.10"}, True),
        ({"python": "3.9"}, False),
        ({"python": "3.10", "os": "osx"}, False),
        ({"env": ({"A": "1"},)}, True),
        ({"env": ({"G": "g"}, {"A": "1"})}, True),
        ({"env": ({"A": "2"},)}, False),
        ({"python": "3.10", "if": "branch = dev"}, True),
        ({"python": "3.10", "if": "branch = main"}, False),
        ({"branch": "dev"}, True),
        ({"stage": "later"}, False),
    ],
)
def test_a_job_that_may_fail(rule: Config, expected: bool) -> None:  # noqa: FBT001 - a case
    config: Config = {"env": {"global": ({"G": "g"},)}, "jobs": {"allow_failures": ({"python": "nightly"}, rule)}}
    found, reason = may_fail(ROW, config, PUSH)
    assert found is expected
    assert reason.startswith("entry 2 of" if expected else "no entry of")


def test_without_rules_no_job_may_fail() -> None:
    assert may_fail(ROW, {}, PUSH) == (False, "no entry of `jobs.allow_failures` names it")
