"""What `on` looks like: every event, with its filters and activity types."""

from understudy.dialects.github.notes import EVENTS, SYNTAX
from understudy.dialects.github.structure import Either, Keys, Late, Many, Nothing, Shape, Text
from understudy.dialects.github.structure_texts import FILLED, FILLED_LIST, FLAG, LATE_TEXT, ONE_OR_MANY, SCALAR, TEXT
from understudy.findings import Severity

_EDITS = ("created", "edited", "deleted")
_PULL_REQUEST = (
    *("assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize"),
    *("converted_to_draft", "locked", "unlocked", "enqueued", "dequeued", "milestoned", "demilestoned"),
    *("ready_for_review", "review_requested", "review_request_removed", "auto_merge_enabled", "auto_merge_disabled"),
    "stacked",
)
TYPES: dict[str, tuple[str, ...]] = {
    "branch_protection_rule": _EDITS,
    "check_run": ("created", "rerequested", "completed", "requested_action"),
    "check_suite": ("completed",),
    "create": (),
    "delete": (),
    "deployment": (),
    "deployment_status": (),
    "discussion": (
        *(*_EDITS, "transferred", "pinned", "unpinned", "labeled", "unlabeled", "locked", "unlocked"),
        *("category_changed", "answered", "unanswered"),
    ),
    "discussion_comment": _EDITS,
    "fork": (),
    "gollum": (),
    "image_version": ("created", "ready", "deleted"),
    "issue_comment": _EDITS,
    "issues": (
        *("opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned"),
        *("unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned", "field_added"),
        *("field_removed", "typed", "untyped"),
    ),
    "label": _EDITS,
    "merge_group": ("checks_requested",),
    "milestone": ("created", "closed", "opened", "edited", "deleted"),
    "page_build": (),
    "project": ("created", "closed", "reopened", "edited", "deleted"),
    "project_card": ("created", "moved", "converted", "edited", "deleted"),
    "project_column": ("created", "updated", "moved", "deleted"),
    "public": (),
    "pull_request": _PULL_REQUEST,
    "pull_request_comment": _EDITS,
    "pull_request_review": ("submitted", "edited", "dismissed"),
    "pull_request_review_comment": _EDITS,
    "pull_request_target": _PULL_REQUEST,
    "push": (),
    "registry_package": ("published", "updated"),
    "release": ("published", "unpublished", "created", "edited", "deleted", "prereleased", "released"),
    "repository_dispatch": (),
    "schedule": (),
    "status": (),
    "watch": ("started",),
    "workflow_call": (),
    "workflow_dispatch": (),
    "workflow_run": ("completed", "requested", "in_progress"),
}
"""Events by name, with their activity types where a workflow can choose among them.

See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows.
"""

_BRANCHES = ("branches", "branches-ignore")
_PATHS = ("paths", "paths-ignore")
FILTERS: dict[str, tuple[str, ...]] = {
    "image_version": ("names", "versions"),
    "merge_group": _BRANCHES,
    "pull_request": (*_BRANCHES, *_PATHS),
    "pull_request_target": (*_BRANCHES, *_PATHS),
    "push": (*_BRANCHES, "tags", "tags-ignore", *_PATHS),
    "workflow_run": ("workflows", *_BRANCHES),
}
"""Filters beside `types` that an event takes."""

_NOTHING = Nothing()
_SCHEDULE = Many(
    Keys({"cron": FILLED, "timezone": FILLED}, required=("cron",), rule=f"{SYNTAX}#onschedule"), noun="entry"
)
_INPUT_RULE = f"{SYNTAX}#onworkflow_callinputs"
_CALL = Keys(
    {
        "inputs": Keys(
            others=Keys(
                {
                    "type": Text(words=("string", "boolean", "number")),
                    "description": TEXT,
                    "required": FLAG,
                    "default": Late(SCALAR),
                },
                required=("type",),
                rule=_INPUT_RULE,
            ),
            noun="input",
        ),
        "secrets": Keys(others=Either((_NOTHING, Keys({"description": TEXT, "required": FLAG}))), noun="secret"),
        "outputs": Keys(others=Keys({"description": TEXT, "value": LATE_TEXT}, required=("value",)), noun="output"),
    },
    rule=f"{SYNTAX}#onworkflow_call",
)
_DISPATCH = Keys(
    {
        "inputs": Either(
            (
                _NOTHING,
                Keys(
                    others=Either(
                        (
                            _NOTHING,
                            Keys(
                                {
                                    "type": Text(words=("string", "boolean", "number", "environment", "choice")),
                                    "description": TEXT,
                                    "required": FLAG,
                                    "default": SCALAR,
                                    "options": Many(TEXT),
                                },
                                rule=f"{SYNTAX}#onworkflow_dispatchinputs",
                            ),
                        )
                    ),
                    noun="input",
                ),
            )
        ),
    },
    unknown=Severity.WARNING,
    rule=f"{SYNTAX}#onworkflow_dispatch",
)


def _event(name: str) -> Shape:
    """An event with what it takes: many take nothing at all."""
    keys: dict[str, Shape] = dict.fromkeys(FILTERS.get(name, ()), ONE_OR_MANY)
    if TYPES[name]:
        one = Text(words=TYPES[name])
        keys["types"] = Either((one, Many(one)))
    return Either((_NOTHING, Keys(keys, rule=f"{EVENTS}#{name}"))) if keys else _NOTHING


_SPECIAL: dict[str, Shape] = {
    "schedule": _SCHEDULE,
    "repository_dispatch": Either((_NOTHING, Keys({"types": Either((FILLED, FILLED_LIST))}))),
    "workflow_call": Either((_NOTHING, _CALL)),
    "workflow_dispatch": Either((_NOTHING, _DISPATCH)),
}
_NAME = Text(words=tuple(TYPES))
ON: Shape = Either(
    (
        _NAME,
        Many(_NAME, noun="event"),
        Keys({name: _SPECIAL.get(name) or _event(name) for name in TYPES}, rule=f"{SYNTAX}#on"),
    )
)
