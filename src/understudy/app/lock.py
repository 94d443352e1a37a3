"""`understudy.lock`: what a repository has pinned, by kind (`orbs`, `actions`) and reference."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.errors import InputError

LOCK = "understudy.lock"


def pinned(root: Path, kind: str) -> Mapping[str, Mapping[str, Any]]:
    """What is pinned of `kind`, by reference. Raises InputError for a file that is no lock file."""
    entries = _read(root).get(kind, {})
    found = entries.items() if isinstance(entries, dict) else ()
    return {str(name): entry for name, entry in found if isinstance(entry, dict)}


def pin(root: Path, kind: str, reference: str, entry: Mapping[str, Any]) -> None:
    """Pins `reference`; all else that is pinned stays. Raises InputError."""
    value = _read(root)
    entries = value.get(kind)
    kept = entries if isinstance(entries, dict) else {}
    value[kind] = dict(sorted({**kept, reference: dict(entry)}.items()))
    (root / LOCK).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _read(root: Path) -> dict[str, Any]:
    try:
        value = json.loads((root / LOCK).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"`{LOCK}` can't be read: it is not JSON", hint=f"mend or remove `{LOCK}`") from error
    if not isinstance(value, dict):
        raise InputError(f"`{LOCK}` holds no table", hint=f"mend or remove `{LOCK}`")
    return value
