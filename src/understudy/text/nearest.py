"""The known word that somebody probably meant."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is closest to `word`, if it is close enough to be a slip of the pen.

    Close is at most a third of the letters (one for short words) added, dropped, changed or swapped with their
    neighbour. Case, `-` and `_` count for nothing. Of equals the first one wins.
    """
    plain = _plain(word)
    best: str | None = None
    least = max(1, len(plain) // 3) + 1
    for candidate in known:
        distance = _distance(plain, _plain(candidate), least)
        if distance < least:
            best, least = candidate, distance
    return best


def suggestion(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint: "did you mean `steps`?", or `otherwise` when no word is near."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found else otherwise


def _plain(word: str) -> str:
    return word.lower().replace("_", "-")


def _distance(one: str, other: str, bound: int) -> int:
    """Edits between two words (swapped neighbours are one); `bound` or more is all the same."""
    if abs(len(one) - len(other)) >= bound:
        return bound
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, against in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > bound:
            return bound
        before = above
    return row[-1]
