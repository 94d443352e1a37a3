"""Which pipelines an event starts.

https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/
"""

from dataclasses import replace

import pytest

from understudy.dialects.base import EvaluationError
from understudy.dialects.bitbucket.select import Entry, best, selected, triggers
from understudy.findings import NOWHERE
from understudy.model.pipeline import Pipeline
from understudy.model.results import EventKind, Facts

PUSH = Facts(root="/rocket", branch="main", default_branch="main")
REQUEST = replace(PUSH, event=EventKind.PULL_REQUEST, branch="feature/one", base_branch="main")

ENTRIES = (
    Entry("default"),
    Entry("branches", "main"),
    Entry("branches", "feature/*"),
    Entry("tags", "v*"),
    Entry("pull-requests", "**"),
    Entry("pull-requests", "feature/*", "main"),
    Entry("pull-requests", "feature/*", "stable"),
    Entry("custom", "nightly"),
    Entry("bookmarks", "*"),
)


def started(facts: Facts, entries: tuple[Entry, ...] = ENTRIES) -> list[Entry]:
    pipelines = [Pipeline("p", "bitbucket", NOWHERE, triggers=triggers(one, entries)) for one in entries]
    return [one for one, pipeline in zip(entries, pipelines, strict=True) if selected(pipeline, facts)[0]]


def reason(entry: Entry, facts: Facts) -> str:
    return selected(Pipeline("p", "bitbucket", NOWHERE, triggers=triggers(entry, ENTRIES)), facts)[1]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (PUSH, [Entry("branches", "main")]),
        (replace(PUSH, branch="feature/x"), [Entry("branches", "feature/*")]),
        (replace(PUSH, branch="other"), [Entry("default")]),
        (replace(PUSH, event=EventKind.TAG, tag="v1", branch=None), [Entry("tags", "v*")]),
        (replace(PUSH, event=EventKind.TAG, tag="1", branch=None), []),
        (replace(REQUEST, branch="other/one"), [Entry("pull-requests", "**")]),
        (REQUEST, [Entry("pull-requests", "feature/*", "main")]),
        (replace(REQUEST, base_branch="stable"), [Entry("pull-requests", "feature/*", "stable")]),
        (replace(REQUEST, base_branch="old"), [Entry("pull-requests", "**")]),
        (replace(PUSH, event=EventKind.SCHEDULE, schedule="nightly"), [Entry("custom", "nightly")]),
        (replace(PUSH, event=EventKind.SCHEDULE, schedule="custom.nightly"), [Entry("custom", "nightly")]),
        (replace(PUSH, event=EventKind.SCHEDULE), [Entry("branches", "main")]),
        (replace(PUSH, event=EventKind.API, event_name="custom", event_type="nightly"), [Entry("custom", "nightly")]),
        (replace(PUSH, event=EventKind.API, event_name="custom"), []),
        (replace(PUSH, event=EventKind.API), []),
        (replace(PUSH, subject="Typo [skip ci]"), []),
        (replace(PUSH, message="Typo\n\nNothing else. [ci skip]"), []),
        (replace(PUSH, subject="Typo [skip ci]", dirty=True), [Entry("branches", "main")]),
    ],
)
def test_one_entry_at_most_is_started(facts: Facts, expected: list[Entry]) -> None:
    assert started(facts) == expected


def test_without_a_section_of_their_own_branches_get_the_default_and_requests_nothing() -> None:
    entries = (Entry("default"),)
    assert started(PUSH, entries) == list(entries)
    assert started(REQUEST, entries) == []


@pytest.mark.parametrize(
    ("patterns", "ref", "expected"),
    [
        (["feature/*", "feature/bb-123-fix-links"], "feature/bb-123-fix-links", "feature/bb-123-fix-links"),
        (["feature/bb-*", "feature/bb-123-*"], "feature/bb-123-fix-links", "feature/bb-123-*"),
        (["feature/bb-123-*", "feature/bb-*"], "feature/bb-123-fix-links", "feature/bb-123-*"),
        (["**", "*"], "main", "**"),
        (["*", "my-*", "my-branch-*"], "my-branch-b", "my-branch-*"),
        (["*", "my-*", "my-branch-*"], "other", "*"),
        (["a", "b"], "c", None),
    ],
)
def test_the_most_particular_pattern_wins(patterns: list[str], ref: str, expected: str | None) -> None:
    assert best(patterns, ref) == expected


def test_every_choice_has_its_reason() -> None:
    assert "`branches: main` is for the branch `main`" in reason(Entry("default"), PUSH)
    assert "does not match `feature/*`" in reason(Entry("branches", "feature/*"), PUSH)
    assert "go to `stable`" in reason(Entry("pull-requests", "feature/*", "stable"), REQUEST)
    assert "`[skip ci]`" in reason(Entry("default"), replace(PUSH, subject="x [skip ci]"))
    assert "Mercurial" in reason(Entry("bookmarks", "*"), PUSH)


def test_a_pattern_that_stands_for_too_much_is_no_crash() -> None:
    entry = Entry("branches", "{a,b}" * 30)
    with pytest.raises(EvaluationError):
        selected(Pipeline("p", "bitbucket", NOWHERE, triggers=triggers(entry, (entry,))), PUSH)


def test_a_pipeline_without_triggers_is_started_by_nothing() -> None:
    assert not selected(Pipeline("p", "bitbucket", NOWHERE), PUSH)[0]
