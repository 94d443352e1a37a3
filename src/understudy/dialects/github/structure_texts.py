"""Shapes that several parts of a GitHub workflow file share."""

from understudy.dialects.github.notes import SYNTAX
from understudy.dialects.github.structure import Either, Flag, Keys, Late, Many, Number, Text

TEXT = Text()
FILLED = Text(filled=True)
FLAG = Flag()
NUMBER = Number()
FILLED_LIST = Many(FILLED)
ONE_OR_MANY = Either((FILLED, FILLED_LIST))
LATE_TEXT = Late(TEXT)
LATE_FLAG = Late(FLAG)
LATE_NUMBER = Late(NUMBER)
VALUES = Keys(others=TEXT, noun="variable")
"""A map of names to texts: `env`."""
LATE_VALUES = Late(VALUES)
SCALAR = Either((TEXT, FLAG, NUMBER))

RUN_DEFAULTS = Keys({"shell": FILLED, "working-directory": FILLED}, rule=f"{SYNTAX}#defaultsrun")
DEFAULTS = Keys({"run": RUN_DEFAULTS}, rule=f"{SYNTAX}#defaults")
LATE_DEFAULTS = Keys({"run": Late(RUN_DEFAULTS)}, rule=f"{SYNTAX}#jobsjob_iddefaults")

_ANY_LEVEL = Text(words=("read", "write", "none"))
_WRITE_LEVEL = Text(words=("write", "none"))
_READ_LEVEL = Text(words=("read", "none"))
ANY_SCOPES = (
    *("actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents", "deployments"),
    *("discussions", "drives", "issues", "packages", "pages", "pull-requests", "repository-projects"),
    *("security-events", "statuses"),
)
WRITE_SCOPES = ("copilot-requests", "id-token")
READ_SCOPES = ("models", "vulnerability-alerts")
PERMISSIONS = Either(
    (
        Text(words=("read-all", "write-all")),
        Keys(
            {
                **dict.fromkeys(ANY_SCOPES, _ANY_LEVEL),
                **dict.fromkeys(WRITE_SCOPES, _WRITE_LEVEL),
                **dict.fromkeys(READ_SCOPES, _READ_LEVEL),
            },
            rule=f"{SYNTAX}#permissions",
        ),
    )
)

_CONCURRENCY = Keys(
    {"group": FILLED, "cancel-in-progress": FLAG, "queue": Text(words=("single", "max"))},
    required=("group",),
    rule=f"{SYNTAX}#concurrency",
)
WORKFLOW_CONCURRENCY = Late(Either((TEXT, _CONCURRENCY)))
JOB_CONCURRENCY = Late(Either((FILLED, _CONCURRENCY)))
