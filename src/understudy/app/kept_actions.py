"""Repositories of actions that were fetched: kept in the store, a folder for each commit, for every project."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from understudy.app import kept
from understudy.errors import StoreError

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_commit(ref: str) -> bool:
    """Whether `ref` is a whole commit id, which never means anything else."""
    return _COMMIT.fullmatch(ref) is not None


@dataclass(frozen=True, slots=True)
class KeptRepository:
    """The files of a repository at `commit`, in `folder`; without its history."""

    commit: str
    folder: Path


@dataclass(frozen=True, slots=True)
class KeptActions:
    """The folder `folder` of the store; made when something is first kept. Safe from several processes."""

    folder: Path

    def find(self, slug: str, ref: str, now: float) -> tuple[KeptRepository | None, bool]:
        """What is kept of `slug` (`owner/repository`) at `ref`, and whether it is as good as newly fetched.

        A commit never changes; what a branch or tag means is asked for again after a day.
        """
        if is_commit(ref):
            return self._at(slug, ref), True
        try:
            entry = json.loads(self._entry(slug, ref).read_bytes())
            commit, at = str(entry["commit"]), float(entry["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, False
        return self._at(slug, commit), kept.is_fresh(at, now)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """An empty folder beside those that are kept, removed at the end. Raises StoreError."""
        import tempfile  # noqa: PLC0415 - only where something is fetched

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            place = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))
        except OSError as error:
            raise kept.unwritable(self.folder, error) from error
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def keep(self, slug: str, ref: str, found: KeptRepository, now: float) -> KeptRepository:
        """Moves the files of `found` in, and remembers that `ref` means its commit. Raises StoreError."""
        place = self._place(slug, found.commit)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                found.folder.rename(place)
        except OSError as error:
            if not place.is_dir():  # else another process was faster
                raise kept.unwritable(place, error) from error
        if not is_commit(ref):
            with suppress(StoreError):  # then it is asked for again, next time
                kept.write(self._entry(slug, ref), json.dumps({"commit": found.commit, "at": now}).encode())
        return KeptRepository(found.commit, place)

    def unreachable(self, host: str, now: float) -> bool:
        """Whether `host` didn't answer a short while ago; else it is worth another try."""
        said = kept.silent(self.folder, now)
        return said != "" and said == host

    def note_unreachable(self, host: str) -> None:
        """Remembers that `host` doesn't answer, so that not every command waits for it. Raises StoreError."""
        kept.note_silent(self.folder, host)

    def _at(self, slug: str, commit: str) -> KeptRepository | None:
        place = self._place(slug, commit)
        return KeptRepository(commit, place) if is_commit(commit) and place.is_dir() else None

    def _place(self, slug: str, commit: str) -> Path:
        return self.folder / slug.lower() / commit

    def _entry(self, slug: str, ref: str) -> Path:
        return self.folder / slug.lower() / "refs" / f"{quote(ref, safe='')[:200]}.json"
