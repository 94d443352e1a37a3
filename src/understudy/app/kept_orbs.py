"""Sources of orbs that were fetched unasked: kept in the store, by digest, and never written into the repository."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from understudy.app import kept
from understudy.app.registry import OrbSource

_EXACT = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class KeptOrbs:
    """The folder `folder` of the store; made when something is first kept. Safe from several processes."""

    folder: Path

    def find(self, reference: str, now: float) -> tuple[OrbSource | None, bool]:
        """The kept source of `reference`, and whether it is as good as a new one.

        A whole version never changes; what another one means is asked for again after a day.
        """
        try:
            entry = json.loads(self._entry(reference).read_bytes())
            source = (self.folder / f"{entry['sha256']}.yml").read_bytes()
            version, at = str(entry["version"]), float(entry["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, False
        if digest_of(source) != entry["sha256"]:
            return None, False
        exact = _EXACT.fullmatch(reference.rpartition("@")[2]) is not None
        return OrbSource(version, source), exact or kept.is_fresh(at, now)

    def keep(self, reference: str, found: OrbSource, now: float) -> None:
        """Keeps the source of `reference`. Raises StoreError."""
        digest = digest_of(found.source)
        kept.write(self.folder / f"{digest}.yml", found.source)
        entry = {"version": found.version, "sha256": digest, "at": now}
        kept.write(self._entry(reference), json.dumps(entry).encode())

    def unreachable(self, now: float) -> str:
        """Why the registry couldn't be asked a short while ago; empty when it is worth another try."""
        return kept.silent(self.folder, now)

    def note_unreachable(self, why: str) -> None:
        """Remembers that the registry couldn't be asked, so that not every command waits for it. Raises StoreError."""
        kept.note_silent(self.folder, why)

    def _entry(self, reference: str) -> Path:
        return self.folder / "references" / f"{quote(reference, safe='@')[:200]}.json"


def digest_of(source: bytes) -> str:
    """The SHA-256 of an orb's source, in hexadecimal digits."""
    import hashlib  # noqa: PLC0415 - loads a cryptographic library, which few files need

    return hashlib.sha256(source).hexdigest()
