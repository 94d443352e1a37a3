"""Walks through the text of a condition, piece by piece, as Travis's reader does.

What a piece is depends on what may stand there (`env-1` is `env` and `-1` where a function may begin), so that there
are no tokens to cut the text into beforehand.
"""

import re
from bisect import bisect_left

from understudy.dialects.travis.conditions.errors import ConditionError

_CONTINUED = re.compile(r"\\[ \t\r\n\f\v]*[\n\r]")
_SPACE = re.compile(r"[ \t\r\n\f\v]*")


class Scanner:
    """A text and how far it has been read. Lines that end with a backslash go on with the next one."""

    def __init__(self, text: str) -> None:
        self.text = _CONTINUED.sub(" ", text)
        self.at = 0
        self._joints = _joints(text)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """What `pattern` matches here, read; None, and nothing read, where it doesn't match."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def take_spaced(self, pattern: re.Pattern[str]) -> str | None:
        """As `take`, with the space around; that is read even where `pattern` doesn't match."""
        self.skip_space()
        found = self.take(pattern)
        self.skip_space()
        return found

    def skip_space(self) -> None:
        """Reads on to what is no space."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    @property
    def ended(self) -> bool:
        """Whether all has been read."""
        return self.at >= len(self.text)

    @property
    def rest(self) -> str:
        """What has not been read."""
        return self.text[self.at :]

    def offset(self, at: int | None = None) -> int:
        """The place in the text as it was given of `at` here (None: of where it is now)."""
        at = self.at if at is None else at
        before = bisect_left(self._joints, (at, 0))
        return at + (self._joints[before - 1][1] if before else 0)

    def error(self, message: str, at: int | None = None) -> ConditionError:
        """An error at `at` (None: here)."""
        return ConditionError(message, self.offset(at))


def _joints(text: str) -> list[tuple[int, int]]:
    """Where lines were joined: the place in the joined text, and how many characters are missing from there on."""
    joints: list[tuple[int, int]] = []
    missing = 0
    for found in _CONTINUED.finditer(text):
        place = found.start() - missing
        missing += len(found.group()) - 1
        joints.append((place, missing))
    return joints
