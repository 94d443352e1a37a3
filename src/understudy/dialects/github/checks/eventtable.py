"""The events that start workflows, with their activity types and filters, as GitHub's documentation lists them.

See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows.
"""

_CREATED = ("created", "edited", "deleted")
_PULL_REQUEST = (
    *("assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize"),
    *("converted_to_draft", "locked", "unlocked", "enqueued", "dequeued", "milestoned", "demilestoned"),
    *("ready_for_review", "review_requested", "review_request_removed", "auto_merge_enabled", "auto_merge_disabled"),
    "stacked",
)
_ISSUES = (
    *("opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned"),
    *("unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned", "typed", "untyped"),
    *("field_added", "field_removed"),
)
_DISCUSSION = (
    *("created", "edited", "deleted", "transferred", "pinned", "unpinned", "labeled", "unlabeled", "locked"),
    *("unlocked", "category_changed", "answered", "unanswered"),
)

TYPES: dict[str, tuple[str, ...] | None] = {
    "branch_protection_rule": _CREATED,
    "check_run": ("created", "rerequested", "completed", "requested_action"),
    "check_suite": ("completed",),
    "create": (),
    "delete": (),
    "deployment": (),
    "deployment_status": (),
    "discussion": _DISCUSSION,
    "discussion_comment": _CREATED,
    "fork": (),
    "gollum": (),
    "image_version": ("created", "ready", "deleted"),
    "issue_comment": _CREATED,
    "issues": _ISSUES,
    "label": _CREATED,
    "merge_group": ("checks_requested",),
    "milestone": ("created", "closed", "opened", "edited", "deleted"),
    "page_build": (),
    "project": ("created", "closed", "reopened", "edited", "deleted"),
    "project_card": ("created", "moved", "converted", "edited", "deleted"),
    "project_column": ("created", "updated", "moved", "deleted"),
    "public": (),
    "pull_request": _PULL_REQUEST,
    "pull_request_comment": _CREATED,
    "pull_request_review": ("submitted", "edited", "dismissed"),
    "pull_request_review_comment": _CREATED,
    "pull_request_target": _PULL_REQUEST,
    "push": (),
    "registry_package": ("published", "updated"),
    "release": ("published", "unpublished", "created", "edited", "deleted", "prereleased", "released"),
    "repository_dispatch": None,
    "schedule": (),
    "status": (),
    "watch": ("started",),
    "workflow_call": (),
    "workflow_dispatch": (),
    "workflow_run": ("completed", "requested", "in_progress"),
}
"""Activity types by event; None: the sender makes them up."""

_BRANCHES = ("merge_group", "push", "pull_request", "pull_request_target", "workflow_run")
_PATHS = ("push", "pull_request", "pull_request_target")

FILTERS: dict[str, tuple[str, ...]] = {"paths": _PATHS, "branches": _BRANCHES, "tags": ("push",)}
"""The events that know a filter; the same ones know it with `-ignore`."""
