"""Everything that a CI file may need from elsewhere, whatever its language."""

from understudy.app import actions, orbs
from understudy.app.find import Found, Supply
from understudy.config import Settings
from understudy.dialects.base import Reading
from understudy.findings import Finding


def supplier(settings: Settings) -> Supply:
    """Lends a file orbs, or actions and workflows of other repositories."""
    several = (orbs.supplier(settings), actions.supplier(settings))

    def supply(found: Found, reading: Reading) -> tuple[Found, tuple[Finding, ...]]:
        findings: tuple[Finding, ...] = ()
        for one in several:
            found, said = one(found, reading)
            findings = (*findings, *said)
        return found, findings

    return supply
