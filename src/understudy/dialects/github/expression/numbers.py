"""Numbers: how a text becomes one, and one a text."""

import math
import re

SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space between tokens and around the number in a text, as the inside of a class of characters."""

_TRIM = re.compile(rf"\A[{SPACE}]+|[{SPACE}]+\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"(?P<sign>[+-]?)(?P<infinity>infinity|nan)", re.IGNORECASE | re.ASCII)
_HEXADECIMAL = re.compile(r"0x(?P<digits>[0-9a-fA-F]+)")
_OCTAL = re.compile(r"0o(?P<digits>[0-7]+)")
_BITS = 32


def trim(text: str) -> str:
    """`text` without the white space around it."""
    return _TRIM.sub("", text)


def parse_number(text: str) -> float:
    """The number that `text` says: none but white space is 0, what is no number is NaN.

    Decimal, hexadecimal (`0xff`) and octal (`0o17`), the latter two as 32 bits with a sign: `0xffffffff` is -1. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators.
    """
    text = trim(text)
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text):
        return float(text)
    if word := _WORD.fullmatch(text):
        size = math.inf if word["infinity"].lower() == "infinity" else math.nan
        return -size if word["sign"] == "-" else size
    for pattern, base in ((_HEXADECIMAL, 16), (_OCTAL, 8)):
        if found := pattern.fullmatch(text):
            return _signed(found["digits"].lstrip("0"), base)
    return math.nan


def _signed(digits: str, base: int) -> float:
    """The 32 bits that `digits` are, as a number with a sign; NaN for more bits."""
    if len(digits) > _BITS:
        return math.nan
    number = int(digits or "0", base)
    if number >= 1 << _BITS:
        return math.nan
    return float(number - (1 << _BITS) if number >= 1 << (_BITS - 1) else number)


def format_number(number: float) -> str:
    """`number` as text: at most 15 digits, none that say nothing, an exponent for the very large and small."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return "0" if number == 0 else f"{number:.15g}".replace("e", "E")
