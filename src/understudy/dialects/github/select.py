"""Which workflows an event starts, and why."""

import re
from collections.abc import Mapping, Sequence

from understudy.dialects.base import EvaluationError
from understudy.dialects.github.filters import PatternError, excluded, ignored
from understudy.dialects.github.payload import PULL_REQUESTS, activity, base_branch, dig, event_name, given_payload, ref
from understudy.model.pipeline import Pipeline, Text, Tree
from understudy.model.results import Facts

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#on"

_DEFAULT_TYPES = dict.fromkeys(PULL_REQUESTS, ("opened", "synchronize", "reopened"))
"""See https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request."""

_INTO_A_BRANCH = frozenset({*PULL_REQUESTS, "merge_group"})
_SKIP = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]")
_MOST_SHOWN = 3

Verdict = tuple[bool, str]


def selected(pipeline: Pipeline, facts: Facts) -> Verdict:
    """Whether the event of `facts` starts `pipeline`, and why, in a clause. See PAGE. Raises EvaluationError.

    A commit may ask for no workflow: https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs.
    """
    name = event_name(facts)
    triggers = pipeline.triggers if isinstance(pipeline.triggers, Mapping) else {}
    if name not in triggers:
        return False, _not_among(name, triggers)
    if name in {"push", "pull_request"} and not facts.dirty and (skip := _SKIP.search(facts.subject)):
        return False, f"the last commit's message says `{skip.group()}`"
    try:
        return _judged(name, triggers[name], facts)
    except PatternError as error:
        raise EvaluationError(f"a filter of `{name}` can't be used: {error}") from None


def _not_among(name: str, triggers: Mapping[str, Tree]) -> str:
    if set(triggers) == {"workflow_call"}:
        return "it runs only when another workflow calls it"
    listed = ", ".join(f"`{one}`" for one in triggers)
    return f"it runs on {listed}, not on `{name}`" if listed else f"no event starts it, and not `{name}`"


def _judged(name: str, trigger: Tree, facts: Facts) -> Verdict:
    if name == "schedule":
        return _scheduled(trigger, facts)
    if name == "workflow_dispatch" and (missing := missing_inputs(trigger, facts)):
        return True, f"on `{name}`, though the service would ask for `{'`, `'.join(missing)}`"
    settings = trigger if isinstance(trigger, Mapping) else {}
    reasons: list[str] = []
    for holds, why in (_of_type(name, settings, facts), _of_ref(name, settings, facts), _of_paths(settings, facts)):
        if not holds:
            return False, why
        if why:
            reasons.append(why)
    return True, f"on `{name}`" + (f": {'; '.join(reasons)}" if reasons else "")


def _scheduled(trigger: Tree, facts: Facts) -> Verdict:
    """The line that fired, where it is known; any of them otherwise. The service only looks at the default branch.

    See https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule.
    """
    entries = trigger if isinstance(trigger, tuple) else (trigger,)
    lines = [_raw(one.get("cron")) for one in entries if isinstance(one, Mapping)]
    if facts.schedule is None:
        return (True, f"its schedule `{lines[0]}` fired") if lines else (False, "it has no schedule")
    if facts.schedule in lines:
        return True, f"its schedule `{facts.schedule}` fired"
    return False, f"the schedule `{facts.schedule}` fired, and its own is `{'`, `'.join(lines)}`"


def missing_inputs(trigger: Tree, facts: Facts) -> tuple[str, ...]:
    """The inputs without which the service starts no `workflow_dispatch`, and that are not given.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputsinput_idrequired.
    """
    declared = dig(trigger, "inputs")
    given = dig(given_payload(facts), "inputs")
    names = {name.lower() for name in (*facts.inputs, *(given if isinstance(given, Mapping) else ()))}
    return tuple(
        str(name)
        for name, spec in (declared.items() if isinstance(declared, Mapping) else ())
        if dig(spec, "required") is True and dig(spec, "default") is None and str(name).lower() not in names
    )


def _of_type(name: str, settings: Mapping[str, Tree], facts: Facts) -> Verdict:
    """See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onevent_nametypes."""
    kind = activity(facts)
    wanted = _words(settings, "types") or _DEFAULT_TYPES.get(name, ())
    if not wanted or not kind:
        return True, ""
    if kind in wanted:
        return True, f"`{kind}` is one of its types" if "types" in settings else ""
    # Without a word about it the activity is the commonest one, which not every workflow is for.
    other = "" if facts.event_type or facts.payload else f" (`--event {name}:{wanted[0]}` is one)"
    return False, f"the activity `{kind}` is none of its types `{'`, `'.join(wanted)}`{other}"


def _of_ref(name: str, settings: Mapping[str, Tree], facts: Facts) -> Verdict:
    """By `branches` and `tags`: of a pull request the branch that it goes to.

    A push of a branch starts no workflow that filters tags alone, and the other way round. See
    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
    and #onpull_requestpull_request_targetbranchesbranches-ignore there.
    """
    if name != "push":
        branch = base_branch(facts) if name in _INTO_A_BRANCH else facts.branch or facts.default_branch
        return _by_list("branches", settings, [branch])
    whole = ref(facts)
    kind, other = ("tags", "branches") if whole.startswith("refs/tags/") else ("branches", "tags")
    if not _filters(settings, kind):
        if _filters(settings, other):
            noun = "a tag" if kind == "tags" else "a branch"
            return False, f"{noun} was pushed, and it filters {other} alone"
        return True, ""
    return _by_list(kind, settings, [whole.removeprefix("refs/tags/").removeprefix("refs/heads/")])


def _of_paths(settings: Mapping[str, Tree], facts: Facts) -> Verdict:
    """By the files that changed; pushes of tags have none, and where that isn't known no filter keeps it out.

    See https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore.
    """
    if not _filters(settings, "paths") or ref(facts).startswith("refs/tags/"):
        return True, ""
    if facts.changed_files is None:
        return True, "which files changed can't be told, so its `paths` are not asked"
    return _by_list("paths", settings, facts.changed_files)


def _filters(settings: Mapping[str, Tree], kind: str) -> bool:
    return bool(_words(settings, kind) or _words(settings, f"{kind}-ignore"))


def _by_list(kind: str, settings: Mapping[str, Tree], names: Sequence[str]) -> Verdict:
    only, ignore = _words(settings, kind), _words(settings, f"{kind}-ignore")
    what = _named(kind, names)
    if (only or ignore) and not names:
        return False, f"no file changed, and it filters `{kind}`"
    if only and excluded(only, names):
        return False, f"{what} {_no(names, 'matches')} `{kind}: {', '.join(only)}`"
    if ignore and ignored(ignore, names):
        return False, f"{what} {_all(names, 'matches')} `{kind}-ignore: {', '.join(ignore)}`"
    if only:
        let_in = next((name for name in names if not excluded(only, [name])), "")
        return True, f"{_named(kind, [let_in])} matches `{kind}: {', '.join(only)}`"
    if ignore:
        let_in = next((name for name in names if not ignored(ignore, [name])), "")
        return True, f"{_named(kind, [let_in])} doesn't match `{kind}-ignore: {', '.join(ignore)}`"
    return True, ""


_NOUNS = {"branches": "branch", "tags": "tag", "paths": "file"}


def _named(kind: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"the {_NOUNS[kind]} `{names[0]}`"
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_SHOWN])
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"of the changed files ({shown}{more})"


def _no(names: Sequence[str], verb: str) -> str:
    return f"none {verb}" if len(names) > 1 else f"{verb} none of"


def _all(names: Sequence[str], verb: str) -> str:
    return f"every one {verb}" if len(names) > 1 else verb


def _words(settings: Mapping[str, Tree], key: str) -> tuple[str, ...]:
    value = settings.get(key)
    items = value if isinstance(value, tuple) else () if value is None else (value,)
    return tuple(_raw(item) for item in items)


def _raw(value: Tree) -> str:
    return value.raw if isinstance(value, Text) else str(value)
