"""Which known word was meant by an unknown one, as Travis guesses."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

_SHORTEST = 3
_FARTHEST = 4
_LONGEST_ANAGRAM = 5

Stop = Callable[[str, str], bool]


def nearest(words: Iterable[str], word: str, stop: Stop | None = None) -> str | None:
    """The one of `words` that `word` was meant to be; None if it is one of them, or none is near.

    Near is less than half the letters of the shorter word, and less than four, added, dropped or changed; or the same
    letters, in short words. Of several that are as near, the one with most letters in common, then the longest.
    `stop(word, other)` forbids a guess.
    """
    found = _nearest(tuple(words), word)
    return None if found is None or (stop is not None and stop(word, found)) else found


@lru_cache(maxsize=4096)
def _nearest(words: Sequence[str], word: str) -> str | None:
    if len(word) < _SHORTEST or word in words:
        return None
    ranked = sorted(_by_distance(words, word), key=lambda pair: pair[0])
    if not ranked and len(word) <= _LONGEST_ANAGRAM:
        letters = sorted(word)
        return next((other for other in words if len(other) == len(word) and sorted(other) == letters), None)
    if _undecided(ranked):
        ranked = sorted(((len({*word} & {*other}), other) for _, other in ranked), key=lambda pair: -pair[0])
    if _undecided(ranked):
        ranked = sorted(ranked, key=lambda pair: -len(pair[1]))
    return ranked[0][1] if ranked else None


def _undecided(ranked: Sequence[tuple[int, str]]) -> bool:
    return len(ranked) > 1 and ranked[0][0] == ranked[1][0]


def _by_distance(words: Sequence[str], word: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for other in words:
        limit = min(len(word) / 2, len(other) / 2, _FARTHEST)
        if abs(len(word) - len(other)) < limit:
            distance = _distance(word, other, limit)
            if distance < limit:
                found.append((distance, other))
    return found


def _distance(one: str, other: str, limit: float) -> int:
    """Letters added, dropped or changed between two words; some number from `limit` up where it is that far."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, against in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against)))
        if min(row) >= limit:
            return min(row)
    return row[-1]
