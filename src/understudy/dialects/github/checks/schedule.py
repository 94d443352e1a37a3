"""The cron lines and time zones of `on: schedule`."""

import re
from itertools import pairwise

from understudy.dialects.github.checks.document import Document, has_expression, items, scalar
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import EVENTS
from understudy.text.nearest import suggestion

_RULE = f"{EVENTS}#schedule"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHORTEST = 5
_PART = re.compile(r"(?P<range>\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")


class _Field:
    """One of the five fields: `name` for messages, least and greatest value, and words that stand for numbers."""

    def __init__(self, name: str, least: int, most: int, words: tuple[str, ...] = (), first_word: int = 0) -> None:
        self.name, self.least, self.most = name, least, most
        self._words = {word: number for number, word in enumerate(words, first_word)}

    def values(self, text: str) -> set[int] | str:
        """The values that `text` stands for, or what is wrong with it."""
        found: set[int] = set()
        for part in text.split(","):
            values = self._part(part)
            if isinstance(values, str):
                return values
            found |= values
        return found

    def _part(self, part: str) -> set[int] | str:
        match = _PART.fullmatch(part)
        if match is None:
            return f"`{part}` can't stand for the {self.name}"
        step = int(match["step"] or 1)
        if match["range"] == "*":
            first, last = self.least, self.most
        else:
            ends = [self._number(word) for word in (match["first"], match["last"] or match["first"])]
            first, last = (-1 if end is None else end for end in ends)
            if match["step"] and not match["last"]:
                last = self.most
        if not self.least <= first <= last <= self.most or step < 1:
            return f"`{part}` is not a {self.name} from {self.least} to {self.most}"
        return set(range(first, last + 1, step))

    def _number(self, word: str) -> int | None:
        return int(word) if word.isascii() and word.isdigit() else self._words.get(word.lower())


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of the week", 0, 6, _DAYS),
)


def check(document: Document, report: Report) -> None:
    """A cron line has five fields, and runs come at least five minutes apart; time zones are those of the IANA.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule.
    """
    event = document.event("schedule")
    for item in items(event.settings) if event else ():
        line, zone = scalar(item, "cron"), scalar(item, "timezone")
        if line and not has_expression(line.value):
            fields = _fields(line.value)
            if isinstance(fields, str):
                report.add("bad-cron", f"the schedule `{line.value}` {fields}", line.at, hint=_HINT, rule=_RULE)
            elif odd := _never(fields) or _too_often(fields):
                report.add("odd-cron", f"the schedule `{line.value}` {odd}", line.at, rule=_RULE)
        if zone and not has_expression(zone.value) and not _is_zone(zone.value):
            hint = suggestion(zone.value, sorted(_zones()), "such as `Europe/Madrid`")
            report.add("bad-timezone", f"there is no time zone `{zone.value}`", zone.at, hint=hint, rule=_RULE)


_HINT = "five fields: minute, hour, day of the month, month, day of the week"


def _fields(line: str) -> list[set[int]] | str:
    """The values of each field of a cron line, or what is wrong with it, as the end of a sentence about it."""
    texts = line.split()
    if len(texts) != len(_FIELDS):
        return f"has {len(texts)} fields and needs {len(_FIELDS)}"
    found: list[set[int]] = []
    for field, text in zip(_FIELDS, texts, strict=True):
        values = field.values(text)
        if isinstance(values, str):
            return f"can't be read: {values}"
        found.append(values)
    return found


_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _never(fields: list[set[int]]) -> str:
    """Whether the month has no such day; with days of the week beside it, it may come on those."""
    _, _, days, months, weekdays = fields
    possible = len(weekdays) < len(_DAYS) or min(days) <= max(_LONGEST_MONTHS[month - 1] for month in months)
    return "" if possible else f"never comes: no such month has a day {min(days)}"


def _too_often(fields: list[set[int]]) -> str:
    """Where one hour follows another, the last run of the one and the first of the other are neighbours too."""
    minutes, hours = sorted(fields[0]), fields[1]
    gaps = [later - earlier for earlier, later in pairwise(minutes)]
    if any((hour + 1) % 24 in hours for hour in hours):
        gaps.append(60 - minutes[-1] + minutes[0])
    if not gaps or min(gaps) >= _SHORTEST:
        return ""
    return f"starts runs {min(gaps)} minutes apart; GitHub starts them at least {_SHORTEST} minutes apart"


def _is_zone(name: str) -> bool:
    zones = _zones()
    return not zones or name in zones


def _zones() -> set[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - few files name a zone

    return available_timezones()
