"""The pages of CircleCI's documentation that findings point to, and the word that was probably meant."""

from collections.abc import Iterable

from understudy.text.nearest import nearest

CONFIGURATION = "https://circleci.com/docs/reference/configuration-reference/"
REUSING = "https://circleci.com/docs/reference/reusing-config/"
ORBS = "https://circleci.com/docs/orbs/use/orb-concepts/"


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists the few that there are."""
    words = sorted(set(known))
    meant = nearest(name, words)
    if meant:
        return f"did you mean `{meant}`?"
    if otherwise or not words or len(words) > 12:
        return otherwise
    return "there is " + ", ".join(f"`{word}`" for word in words)
