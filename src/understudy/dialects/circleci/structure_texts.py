"""Tests of single texts in a CircleCI file: what is wrong with one, as the end of a sentence."""

import re
from collections.abc import Iterable

_EXPRESSION = re.compile(r"<<.*>>", re.DOTALL)
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*")
_DELAY = re.compile(r"(\d+(?:\.\d+)?)([sm])")
_DIGEST = re.compile(r"sha256:[0-9a-fA-F]{64}")
_JOB_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. \t-]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ORB = re.compile(r"[^/@\s]+/[^/@\s]+@\S+")
_GROUP = re.compile(r"[A-Za-z0-9._/-]+")
_LONGEST_GROUP = 512
_LONGEST_DELAY_S = 600


def holds_expression(text: str) -> bool:
    """Whether `text` has a `<< >>` in it: its value and type are known only once that is replaced."""
    return _EXPRESSION.search(text) is not None


def duration(text: str) -> str:
    """A decimal with a unit, or several: `20m`, `1.25h`, `1h30m`; bare numbers are warned about elsewhere."""
    if _DURATION.fullmatch(text) or text.isdecimal():
        return ""
    return "is no duration: a number with a unit, such as `20m`, `1.25h` or `5s`"


def rerun_delay(text: str) -> str:
    """Seconds or minutes, at most ten minutes."""
    found = _DELAY.fullmatch(text)
    if found is None:
        return "is no delay: a number of seconds or minutes, such as `10s` or `2m`"
    seconds = float(found[1]) * (60 if found[2] == "m" else 1)
    return "is more than the ten minutes that are allowed" if seconds > _LONGEST_DELAY_S else ""


def image(text: str) -> str:
    """An image's name; behind `@` stands its whole digest."""
    if not text.strip():
        return "names no image"
    if any(letter.isspace() for letter in text.strip()):
        return "has white space in it"
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return "has no proper digest behind `@`: `sha256:` and 64 hexadecimal digits"
    return "" if name else "has no name before `@`"


def job_name(text: str) -> str:
    """Letters, digits, `_`, `-`, `.` and blanks; `/` is kept for orbs."""
    return "" if _JOB_NAME.fullmatch(text) else "may hold only letters, digits, blanks, `_`, `-` and `.`"


def name(text: str) -> str:
    """The name of a command, executor or parameter."""
    return "" if _NAME.fullmatch(text) else "may hold only letters, digits, `_`, `-` and `.`"


def orb(text: str) -> str:
    """`namespace/orb@version`, or the address of an orb's file."""
    if text.startswith("https://") or _ORB.fullmatch(text):
        return ""
    if re.fullmatch(r"[^/@\s]+/[^/@\s]+", text):
        return "names no version: write `namespace/orb@1.2.3`"
    return "is no orb: write `namespace/orb@version`"


def retention(text: str) -> str:
    """A number of days, 1 to 30."""
    return "" if re.fullmatch(r"(?:[1-9]|[12][0-9]|30)d", text) else "is no number of days from `1d` to `30d`"


def serial_group(text: str) -> str:
    """At most 512 of letters, digits, `.`, `-`, `_`, `/`."""
    if not text.strip():
        return "is blank"
    if len(text) > _LONGEST_GROUP:
        return f"has more than {_LONGEST_GROUP} characters"
    return "" if _GROUP.fullmatch(text) else "may hold only letters, digits, `.`, `-`, `_` and `/`"


def cron(text: str) -> str:
    """The five fields of a POSIX crontab."""
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        return f"has {len(fields)} fields; a crontab line has five"
    wrong = next((f for f, allowed in zip(fields, _CRON_FIELDS, strict=True) if not _is_field(f, *allowed)), None)
    return f"has the field `{wrong}`, which no crontab knows" if wrong is not None else ""


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
)


def _is_field(text: str, least: int, most: int, words: Iterable[str]) -> bool:
    names = set(words)

    def is_value(value: str) -> bool:
        return value.lower() in names or (value.isdecimal() and least <= int(value) <= most)

    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        if span not in ("*", "?") and not all(is_value(value) for value in span.split("-", 1)):
            return False
    return True
