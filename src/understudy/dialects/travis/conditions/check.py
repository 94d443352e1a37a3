"""What is wrong with a condition, before anything is known of a build: for whoever reads a file."""

from understudy.dialects.travis.conditions import version0
from understudy.dialects.travis.conditions.data import Data
from understudy.dialects.travis.conditions.errors import ConditionError
from understudy.dialects.travis.conditions.evaluate import holds
from understudy.dialects.travis.conditions.parser import parse

_NOTHING_KNOWN = Data()


def problem(text: str, version: str = "v1") -> ConditionError | None:
    """What Travis refuses of a condition, None where it takes it; `version` is the value of the key `conditions`.

    Version 1 is judged once without any data, so that regular expressions are tried, as far as that goes.
    """
    try:
        if version == "v0":
            version0.check(text)
        else:
            holds(parse(text), _NOTHING_KNOWN)
    except ConditionError as error:
        return error
    return None
