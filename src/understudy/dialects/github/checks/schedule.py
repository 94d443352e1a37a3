"""The cron lines and time zones of `on: schedule`."""

import re
from itertools import pairwise
from zoneinfo import available_timezones

from understudy.dialects.github.checks.document import Document, has_expression, items, scalar
from understudy.dialects.github.checks.report import EVENTS, Report
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
    _Field("day of the week", 0, 7, _DAYS),
)


def check(document: Document, report: Report) -> None:
    """A cron line has five fields, and runs come at least five minutes apart; time zones are those of the IANA.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule.
    """
    event = document.event("schedule")
    for item in items(event.settings) if event else ():
        line, zone = scalar(item, "cron"), scalar(item, "timezone")
        if line and not has_expression(line.value):
            problem = _problem(line.value)
            if problem:
                report.add("bad-cron", f"the schedule `{line.value}` {problem}", line.at, hint=_HINT, rule=_RULE)
        if zone and not has_expression(zone.value) and not _is_zone(zone.value):
            hint = suggestion(zone.value, sorted(available_timezones()), "such as `Europe/Madrid`")
            report.add("bad-timezone", f"there is no time zone `{zone.value}`", zone.at, hint=hint, rule=_RULE)


_HINT = "five fields: minute, hour, day of the month, month, day of the week"


def _problem(line: str) -> str:
    """What is wrong with a cron line, as the end of a sentence about it."""
    texts = line.split()
    if len(texts) != len(_FIELDS):
        return f"has {len(texts)} fields and needs {len(_FIELDS)}"
    minutes: set[int] = set()
    for field, text in zip(_FIELDS, texts, strict=True):
        values = field.values(text)
        if isinstance(values, str):
            return f"can't be read: {values}"
        minutes = minutes or values
    return _too_often(sorted(minutes))


def _too_often(minutes: list[int]) -> str:
    gaps = [later - earlier for earlier, later in pairwise(minutes)]
    if not gaps or min(gaps) >= _SHORTEST:
        return ""
    return f"starts runs {min(gaps)} minutes apart; GitHub starts them at least {_SHORTEST} minutes apart"


def _is_zone(name: str) -> bool:
    zones = available_timezones()
    return not zones or name in zones
