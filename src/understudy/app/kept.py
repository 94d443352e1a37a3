"""What fetched things of every kind have in common in the store: whole files, their age, and who shall not be asked."""

import os
from pathlib import Path

from understudy.errors import StoreError

_FRESH_S = 24 * 3600
_PATIENCE_S = 300
_SILENT = "unreachable"


def is_fresh(at: float, now: float) -> bool:
    """Whether what was fetched at `at` is as good as newly fetched, though its name may come to mean something else."""
    return 0 <= now - at < _FRESH_S


def silent(folder: Path, now: float) -> str:
    """What was noted a short while ago by `note_silent`; empty when it is worth another try."""
    path = folder / _SILENT
    try:
        return path.read_text(encoding="utf-8") if 0 <= now - path.stat().st_mtime < _PATIENCE_S else ""
    except (OSError, UnicodeDecodeError):
        return ""


def note_silent(folder: Path, words: str) -> None:
    """Remembers that somebody couldn't be asked, so that not every command waits for them. Raises StoreError."""
    write(folder / _SILENT, words.encode("utf-8", "replace"))


def write(path: Path, content: bytes) -> None:
    """Writes a file and its folders: whole or not at all, whoever else writes it. Raises StoreError."""
    import tempfile  # noqa: PLC0415 - only where something was fetched

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(name).replace(path)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> StoreError:
    """What to say of a place of the store that can't be written."""
    return StoreError(f"`{path}` can't be written: {error.strerror}", hint="use --store")
