"""Which pipelines of a file an event starts, and why.

See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.dialects.base import EvaluationError
from understudy.dialects.bitbucket.globs import GlobError, fits, is_pattern
from understudy.model.pipeline import Pipeline, Tree
from understudy.model.results import EventKind, Facts

DEFAULT, BRANCHES, TAGS, BOOKMARKS = "default", "branches", "tags", "bookmarks"
PULL_REQUESTS, CUSTOM = "pull-requests", "custom"

CUSTOM_EVENT = "custom"
"""What an event is called that starts the custom pipeline of its type: `custom:NAME`."""

_SKIP = re.compile(r"\[(skip ci|ci skip)\]", re.IGNORECASE)

Verdict = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a section of the file: its key there, and where a pull request is to go for it."""

    section: str
    pattern: str = ""
    destination: str | None = None


def triggers(own: Entry, every: Sequence[Entry]) -> Tree:
    """What `selected` needs of a pipeline: which entry of the file it is, and all there are."""
    return {**_tree(own), "siblings": tuple(_tree(one) for one in every)}


def _tree(entry: Entry) -> dict[str, Tree]:
    return {"section": entry.section, "pattern": entry.pattern, "destination": entry.destination}


def selected(pipeline: Pipeline, facts: Facts) -> Verdict:
    """Whether the event of `facts` starts `pipeline`, and why, in a clause. Raises EvaluationError.

    `Pipeline.triggers` say which entry of the file it is, and what others there are. One entry at most of a section is
    started: the one of exactly that name, else that of the most particular pattern. See
    https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/.
    """
    triggers = pipeline.triggers if isinstance(pipeline.triggers, Mapping) else {}
    own = _entry(triggers)
    siblings = triggers.get("siblings")
    every = tuple(_entry(one) for one in siblings) if isinstance(siblings, tuple) else (own,)
    if own.section == CUSTOM:
        return _custom(own.pattern, facts)
    if facts.event is EventKind.SCHEDULE and facts.schedule is not None:
        return False, f"the schedule `{facts.schedule}` starts a custom pipeline"
    if facts.event_name == CUSTOM_EVENT or facts.event is EventKind.API:
        return False, "a custom pipeline is started by hand"
    if own.section == BOOKMARKS:
        return False, "bookmarks are Mercurial's, and this is a repository of git"
    if not facts.dirty and (skip := _SKIP.search(facts.message or facts.subject)):
        return False, f"the last commit's message says `{skip.group()}`"
    try:
        return _judged(own, every, facts)
    except GlobError as error:
        raise EvaluationError(f"its pattern can't be used: {error.message}") from None


def _entry(tree: Tree) -> Entry:
    if not isinstance(tree, Mapping) or "section" not in tree:
        return Entry("")
    destination = tree.get("destination")
    return Entry(str(tree["section"]), str(tree["pattern"]), None if destination is None else str(destination))


def _custom(name: str, facts: Facts) -> Verdict:
    """A custom pipeline is started by hand, or by a schedule that somebody has set up for it."""
    if facts.event is EventKind.SCHEDULE:
        if facts.schedule in {name, f"{CUSTOM}.{name}"}:
            return True, f"the schedule `{facts.schedule}` starts it"
        return False, "no schedule of the project is known to start it; `--schedule` names it"
    if facts.event_name == CUSTOM_EVENT:
        if facts.event_type == name:
            return True, "it was started by hand"
        return False, f"`{facts.event_type}` was started by hand" if facts.event_type else "none was named"
    return False, "it is only started by hand"


def _judged(own: Entry, every: Sequence[Entry], facts: Facts) -> Verdict:
    """For a push, a tag, a pull request, or a schedule of a branch."""
    meant, ref, noun = _meant(facts)
    there = [one for one in every if one.section == meant and _goes_there(one, facts)]
    chosen = best([one.pattern for one in there], ref)
    if own.section == meant:
        if not _goes_there(own, facts):
            return False, f"it is for pull requests that go to `{own.destination}`"
        return _among(own.pattern, chosen, ref, noun)
    if own.section != DEFAULT or meant != BRANCHES:
        return False, f"it is for {_WHOM.get(own.section, own.section)}, and this is {noun} `{ref}`"
    if chosen is not None:
        return False, f"`branches: {chosen}` is for {noun} `{ref}`"
    return True, f"nothing else is for {noun} `{ref}`"


def _goes_there(entry: Entry, facts: Facts) -> bool:
    """Whether a pull request goes where `entry` wants it to go. Raises GlobError."""
    return entry.destination is None or fits(entry.destination, facts.base_branch or facts.default_branch)


_WHOM = {
    DEFAULT: "branches",
    BRANCHES: "branches",
    TAGS: "tags",
    PULL_REQUESTS: "pull requests",
}


def _meant(facts: Facts) -> tuple[str, str, str]:
    """The section that is asked first, by which name, and what that name is of."""
    if facts.event is EventKind.PULL_REQUEST:
        return PULL_REQUESTS, facts.branch or "", "a pull request of the branch"
    if facts.tag is not None or facts.event is EventKind.TAG:
        return TAGS, facts.tag or "", "the tag"
    return BRANCHES, facts.branch or "", "the branch"


def _among(name: str, chosen: str | None, ref: str, noun: str) -> Verdict:
    if name == chosen:
        return True, f"it is for {noun} `{ref}`"
    if not fits(name, ref):
        return False, f"{noun} `{ref}` does not match `{name}`"
    return False, f"`{chosen}` is more particular about {noun} `{ref}`"


def best(patterns: Sequence[str], ref: str) -> str | None:
    """The one of `patterns` that is for `ref`: exactly that name, else the longest pattern, else the first of those.

    See https://support.atlassian.com/bitbucket-cloud/docs/use-glob-patterns-on-the-pipelines-yaml-file/. Raises
    GlobError.
    """
    if ref in patterns:
        return ref
    fitting = [pattern for pattern in patterns if fits(pattern, ref)]
    return max(fitting, key=_particular, default=None)


def _particular(pattern: str) -> tuple[bool, int]:
    """What has no wildcard is most particular, then what has most letters of its own."""
    letters = sum(letter not in "*?[]{}," for letter in pattern)
    return not is_pattern(pattern), letters
