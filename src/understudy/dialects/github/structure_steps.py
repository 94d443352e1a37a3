"""What steps look like."""

from understudy.dialects.github.notes import SYNTAX
from understudy.dialects.github.structure import Again, Either, Flag, Keys, Late, Many, Nothing, Shape
from understudy.dialects.github.structure_texts import (
    FILLED,
    LATE_FLAG,
    LATE_NUMBER,
    LATE_TEXT,
    LATE_VALUES,
    ONE_OR_MANY,
    VALUES,
)

_STEPS = f"{SYNTAX}#jobsjob_idsteps"
_COMMON: dict[str, Shape] = {"name": LATE_TEXT, "id": FILLED, "continue-on-error": LATE_FLAG}
_PERFORMED: dict[str, Shape] = {
    **_COMMON,
    "if": LATE_TEXT,
    "timeout-minutes": LATE_NUMBER,
    "env": LATE_VALUES,
    "background": Flag(),
}
_RUN = Keys(
    {**_PERFORMED, "run": LATE_TEXT, "working-directory": LATE_TEXT, "shell": FILLED}, required=("run",), rule=_STEPS
)
_USES = Keys({**_PERFORMED, "uses": FILLED, "with": Late(Keys(others=VALUES.others, noun="input"))}, required=("uses",))
_WAIT = Keys({**_COMMON, "wait": ONE_OR_MANY}, required=("wait",))
_WAIT_ALL = Keys({**_COMMON, "wait-all": Either((Nothing(), Flag()))}, required=("wait-all",))
_CANCEL = Keys({**_COMMON, "cancel": FILLED}, required=("cancel",))
_SHAPES: dict[str, Shape] = {}
_PARALLEL = Keys({"parallel": Again(_SHAPES, "steps")}, required=("parallel",))
STEPS: Shape = Many(Either((_RUN, _USES, _WAIT, _WAIT_ALL, _CANCEL, _PARALLEL)), noun="step")
"""See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps."""
_SHAPES["steps"] = STEPS
