"""Sources of orbs that were fetched unasked: kept in the store, by digest, and never written into the repository."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from understudy.app.registry import OrbSource
from understudy.errors import StoreError

_EXACT = re.compile(r"\d+\.\d+\.\d+")
_FRESH_S = 24 * 3600
_PATIENCE_S = 300


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
        return OrbSource(version, source), exact or now - at < _FRESH_S

    def keep(self, reference: str, found: OrbSource, now: float) -> None:
        """Keeps the source of `reference`. Raises StoreError."""
        digest = digest_of(found.source)
        self._write(self.folder / f"{digest}.yml", found.source)
        entry = {"version": found.version, "sha256": digest, "at": now}
        self._write(self._entry(reference), json.dumps(entry).encode())

    def unreachable(self, now: float) -> str:
        """Why the registry couldn't be asked a short while ago; empty when it is worth another try."""
        path = self.folder / "unreachable"
        try:
            return path.read_text(encoding="utf-8") if 0 <= now - path.stat().st_mtime < _PATIENCE_S else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def note_unreachable(self, why: str) -> None:
        """Remembers that the registry couldn't be asked, so that not every command waits for it. Raises StoreError."""
        self._write(self.folder / "unreachable", why.encode("utf-8", "replace"))

    def _entry(self, reference: str) -> Path:
        return self.folder / "references" / f"{quote(reference, safe='@')[:200]}.json"

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all, whoever else writes it."""
        import tempfile  # noqa: PLC0415 - only where an orb was fetched

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            Path(name).replace(path)
        except OSError as error:
            raise StoreError(f"`{path}` can't be written: {error.strerror}", hint="use --store") from error


def digest_of(source: bytes) -> str:
    """The SHA-256 of an orb's source, in hexadecimal digits."""
    import hashlib  # noqa: PLC0415 - loads a cryptographic library, which few files need

    return hashlib.sha256(source).hexdigest()
