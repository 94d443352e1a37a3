"""Whether an `if` holds, and the clause that says so."""

from collections.abc import Mapping

from understudy.dialects.travis.conditions import ConditionError, Data, Value, holds, merged, parse


def judged(condition: Value, config: Mapping[str, Value], data: Mapping[str, Value] | None) -> tuple[bool, str]:
    """Whether `condition` (the value of an `if`) holds for a build or job of `config`, and why, in one clause.

    `data`: what is known of the build; None: nothing is judged. What can't be judged does not hold, as on Travis:
    https://docs.travis-ci.com/user/conditions-v1/.
    """
    if condition is None or isinstance(condition, tuple | Mapping):
        return True, "it has no condition"
    text = str(condition).lower() if isinstance(condition, bool) else str(condition)
    if data is None:
        return True, f"`if: {text}` is not judged"
    try:
        found = holds(parse(text), Data.of(merged(data, config)))
    except ConditionError as error:
        return False, f"`if: {text}` can't be judged: {error.message}"
    return found, f"`if: {text}` {'holds' if found else 'does not hold'}"
