"""What comes after a pipeline that only prepares: its continuation is read and planned like any other file."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from understudy.app.find import Planned, Supply, read
from understudy.app.perform import Performed
from understudy.app.secrets import masked, with_secret_findings
from understudy.config import Settings
from understudy.dialects.base import Reading
from understudy.findings import Finding, Severity, in_order
from understudy.model.pipeline import Job
from understudy.model.results import Facts
from understudy.plan.planner import Selection, plan
from understudy.store.base import Blobs


def next_planned(
    planned: Planned,
    performed: Performed,
    blobs: Blobs,
    settings: Settings,
    unmet: Callable[[Job], str | None],
    supply: Supply,
) -> Planned | None:
    """The plan of what the run said to go on with; None when it said nothing. A second continuation is ignored.

    https://circleci.com/docs/dynamic-config/
    """
    if not performed.continued:
        return None
    continued = performed.continued[0]
    with blobs.open(continued.digest) as stream:
        text = stream.read()
    found = planned.found
    facts = _with_parameters(found.facts, {name: _word(value) for name, value in continued.parameters.items()})
    path = f"{found.file.path} (continued)"
    continuing = replace(
        found, facts=facts, file=replace(found.file, path=path), borrowed={**found.borrowed, path: text}
    )
    continuing, reading = read(continuing, supply)
    reading = replace(reading, findings=(*reading.findings, *_prepares_again(reading)))
    plans = plan(reading.pipelines, facts, found.file.dialect, Selection(), unmet=unmet)
    plans = tuple(with_secret_findings(one, found.file.dialect, settings) for one in plans)
    noticed = (finding for one in plans for finding in one.findings)
    return Planned(
        replace(found, facts=facts, borrowed=continuing.borrowed),
        reading,
        plans,
        masked(in_order((*reading.findings, *noticed)), settings),
    )


def _prepares_again(reading: Reading) -> Iterator[Finding]:
    """A setup configuration can't hand over to another one. https://circleci.com/docs/guides/orchestrate/dynamic-config/"""
    for pipeline in reading.pipelines[:1]:
        if pipeline.prepares:
            message = "what a setup configuration hands over to can't be a setup configuration again"
            yield Finding(Severity.ERROR, "setup-again", message, pipeline.at, "take `setup: true` out of it")


def _with_parameters(facts: Facts, given: dict[str, str]) -> Facts:
    return replace(facts, parameters={**facts.parameters, **given})


def _word(value: str | int | bool) -> str:  # noqa: FBT001 - a parameter's value, of any of its types
    return str(value).lower() if isinstance(value, bool) else str(value)
