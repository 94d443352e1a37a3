"""Values of one kind for another, where a person means the same by them."""

import re
from typing import Literal

from understudy.dialects.travis.normalise.nearness import nearest

Plain = None | bool | int | float | str

_TRUE = ("true", "on", "yes", "enabled", "required")
_FALSE = ("false", "off", "no", "disabled", "not required")
_LONGEST = 400
_NUMBER = re.compile(r"[0-9.]+")


def cast(value: Plain, kind: Literal["str", "num", "bool"]) -> Plain:
    """`value` as text, a number or a boolean; itself where that can't be."""
    if kind == "str":
        return value if value is None or isinstance(value, str) else _as_text(value)
    if kind == "num":
        return _as_number(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
    return _as_boolean(value) if isinstance(value, str) else value


def _as_text(value: float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_number(value: str) -> Plain:
    if "." not in value:
        return int(value) if len(value) < _LONGEST else value
    whole, _, rest = value.partition(".")
    return float(f"{whole or 0}.{rest.partition('.')[0] or 0}")


def _as_boolean(value: str) -> Plain:
    for word in (value, re.sub(r"\W", "", value, flags=re.ASCII), nearest((*_TRUE, *_FALSE), value)):
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    return value
