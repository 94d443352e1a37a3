"""What workflows and groups of jobs look like in a CircleCI file."""

from collections.abc import Iterable

from understudy.dialects.circleci import structure_texts as texts
from understudy.dialects.circleci.structure_steps import LAX_TEXT, LOGIC, PAGE, STEPS, TEXT, TEXTS
from understudy.findings import Finding, Severity
from understudy.text import yaml
from understudy.text.shape import Anything, Either, Many, Place, Shape, Table, Text, Whole, Words, names

STATUSES = ("success", "failed", "canceled", "unauthorized", "not_run", "terminal")
"""What `requires` may wait for, see https://circleci.com/docs/reference/configuration-reference/#requires."""

_STATUS = Words(STATUSES, severity=Severity.WARNING)
_REQUIRES = Either(
    (
        LAX_TEXT,
        Many(
            Either(
                (
                    LAX_TEXT,
                    Table(
                        others=Either((_STATUS, Many(_STATUS)), "a status or a list of them"),
                        noun="status of",
                        single="start a new item with `- ` for each job",
                    ),
                ),
                "a job's name, or a map of it to a status",
            )
        ),
    ),
    "a list of jobs",
)
_PATTERNS = Table(keys={"only": TEXTS, "ignore": TEXTS})
_FILTERS = Either(
    (TEXT, Table(keys={"branches": _PATTERNS, "tags": _PATTERNS}, rule=f"{PAGE}#jobfilters")),
    "a map with `branches` or `tags`, or an expression",
)
_MATRIX = Table(
    keys={
        "parameters": names("", Many(Anything())),
        "exclude": Many(Table(others=Anything())),
        "alias": LAX_TEXT,
    },
    required=("parameters",),
    rule=f"{PAGE}#matrix",
)

INVOCATION_KEYS: dict[str, Shape] = {
    "name": LAX_TEXT,
    "type": Words(("approval",)),
    "requires": _REQUIRES,
    "context": TEXTS,
    "filters": _FILTERS,
    "matrix": _MATRIX,
    "pre-steps": STEPS,
    "post-steps": STEPS,
    "serial-group": Text(test=texts.serial_group, lax=True),
    "override-with": TEXT,
}
"""What may be said of a job where a workflow starts it; every other key is a parameter of that job."""

_INVOCATIONS = Many(
    Either(
        (
            LAX_TEXT,
            Table(
                others=Either((Table(keys=INVOCATION_KEYS, others=Anything()),), "a map", nothing=True),
                noun="job",
                single="indent the keys below the job's name by two more blanks, or start a new item with `- `",
                several=Severity.WARNING,
                rule=f"{PAGE}#jobs-in-workflow",
            ),
        ),
        "a job's name or a map",
    )
)


def _one_condition(workflow: yaml.Mapping, place: Place) -> Iterable[Finding]:
    key = workflow.key("unless")
    if key is not None and "when" in workflow:
        message = f"{place.name} has both `when` and `unless`"
        yield Finding(
            Severity.ERROR, "conflicting-keys", message, key.at, "say both in one `when:` with `and`", place.rule
        )


_SCHEDULE = Table(
    keys={
        "cron": Text(test=texts.cron),
        "filters": Table(keys={"branches": _PATTERNS, "tags": _PATTERNS}),
    },
    required=("cron",),
    rule=f"{PAGE}#schedule",
)


_WORKFLOW = Table(
    keys={
        "jobs": _INVOCATIONS,
        "triggers": Many(Table(keys={"schedule": _SCHEDULE}, required=("schedule",))),
        "when": LOGIC,
        "unless": LOGIC,
        "max_auto_reruns": Whole(1, 5),
    },
    required=("jobs",),
    rules=(_one_condition,),
    rule=f"{PAGE}#workflows",
)
WORKFLOWS = Table(keys={"version": LAX_TEXT}, others=_WORKFLOW, noun="workflow", rule=f"{PAGE}#workflows")
JOB_GROUPS = names(
    "job group",
    Table(
        keys={"jobs": _INVOCATIONS, "description": LAX_TEXT},
        required=("jobs",),
        rule=f"{PAGE}#job-groups",
    ),
    test=texts.job_name,
)
