"""The pages of CircleCI's documentation that findings point to, and the word that was probably meant."""

from collections.abc import Iterable

from understudy.text.nearest import suggestion

CONFIGURATION = "https://circleci.com/docs/reference/configuration-reference/"
REUSING = "https://circleci.com/docs/reference/reusing-config/"
ORBS = "https://circleci.com/docs/orbs/use/orb-concepts/"


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists the few that there are."""
    words = sorted(set(known))
    hint = suggestion(name, words, otherwise)
    if hint or not words or len(words) > 12:
        return hint
    return "there is " + ", ".join(f"`{word}`" for word in words)
