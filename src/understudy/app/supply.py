"""Everything that a CI file may need from elsewhere, whatever its language; what only one needs is loaded for it."""

from collections.abc import Callable, Iterable
from pathlib import Path

from understudy.app.find import Found, Supply, nothing_more
from understudy.config import Settings
from understudy.dialects.base import Dialect, Reading, RoomFile
from understudy.findings import Finding
from understudy.model.pipeline import Job

_MISSING = {"circleci": "orb-not-here", "github": "not-here"}
"""By which finding a language says that something from elsewhere isn't here."""


def supplier(settings: Settings) -> Supply:
    """Lends a file orbs, or actions and workflows of other repositories, where reading it missed some."""

    def supply(found: Found, reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
        missing = _MISSING.get(found.file.dialect.NAME)
        if not any(one.code == missing for one in reading.findings):
            return found, ()
        return _supplier(found.file.dialect, settings)(found, reading)

    return supply


def _supplier(dialect: Dialect, settings: Settings) -> Supply:
    match dialect.NAME:
        case "circleci":
            from understudy.app import orbs  # noqa: PLC0415 - with all of that language

            return orbs.supplier(settings)
        case "github":
            from understudy.app import actions  # noqa: PLC0415 - as above

            return actions.supplier(settings)
        case _:
            return nothing_more


def lender(dialect: Dialect, root: Path, settings: Settings) -> Callable[[Job, str], Iterable[RoomFile]]:
    """Gives the further files that a job's room needs, by the job and the room's home; nothing is fetched then."""
    if dialect.NAME == "github":
        from understudy.app import actions  # noqa: PLC0415 - as above

        return actions.lender(root, settings)
    return lambda _job, _home: ()
