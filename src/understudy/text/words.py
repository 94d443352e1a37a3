"""What plain words of YAML mean."""

import re
from enum import Enum


class Schema(Enum):
    """Which plain words mean something else than themselves: YAML 1.1 has yes, no, on, off and octal 010."""

    YAML_1_1 = "1.1"
    YAML_1_2 = "1.2"


_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_TRUE_1_1 = _TRUE | {"yes", "Yes", "YES", "on", "On", "ON"}
_FALSE_1_1 = _FALSE | {"no", "No", "NO", "off", "Off", "OFF"}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_INTEGER_1_2 = re.compile(r"[-+]?[0-9]+")
_OCTAL_1_1 = re.compile(r"[-+]?0[0-7_]+")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def meaning(value: str, schema: Schema) -> bool | int | float | str | None:
    """The null, boolean or number that the plain word `value` looks like; otherwise itself."""
    old = schema is Schema.YAML_1_1
    if value in _NULL:
        return None
    if value in (_TRUE_1_1 if old else _TRUE):
        return True
    if value in (_FALSE_1_1 if old else _FALSE):
        return False
    return value if len(value) > _LONGEST_NUMBER else _number(value, old=old)


def _number(value: str, *, old: bool) -> int | float | str:
    bare = value.replace("_", "") if old else value
    if old and _OCTAL_1_1.fullmatch(value):
        return int(bare, 8)
    if (_INTEGER if old else _INTEGER_1_2).fullmatch(value):
        return int(bare)
    if _BASED.fullmatch(bare):
        return int(bare, 0)
    if _FLOAT.fullmatch(value) and any(letter.isdigit() for letter in value) and (old or "_" not in value):
        return float(bare)
    if _SPECIAL.fullmatch(value):
        return float(bare.replace(".", ""))
    return value
