"""CircleCI's durations: a decimal with a unit, as in `20m`, `1.25h`, `5s`."""

import re

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_MOST_S = 366 * 24 * 3600.0


def duration_s(text: str) -> float | None:
    """Seconds of `1h30m` and the like; None for what is no duration, or is longer than a year.

    See https://circleci.com/docs/reference/configuration-reference/#run.
    """
    bare = text.strip()
    parts = _PART.findall(bare) if len(bare) <= 40 else []
    if not parts or "".join(number + unit for number, unit in parts) != bare:
        return None
    seconds: float = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return seconds if seconds <= _MOST_S else None
