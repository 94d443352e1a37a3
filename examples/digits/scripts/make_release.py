"""Puts files into one release folder, with a manifest of what they are. Needs Python alone."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_release(files: list[Path], target: Path, *, revision: str) -> Path:
    """Copies `files` to `target`, which must be new; writes manifest.json and SHA256SUMS there.

    Raises ValueError where two files have one name, FileExistsError where `target` is there.
    """
    names = [path.name for path in files]
    if len(set(names)) != len(names):
        raise ValueError(f"two files of a release have one name: {', '.join(sorted(names))}")
    target.mkdir(parents=True)
    entries = []
    for path in sorted(files, key=lambda one: one.name):
        copy = Path(shutil.copy2(path, target / path.name))
        entries.append({"name": path.name, "bytes": copy.stat().st_size, "sha256": sha256(copy)})
    manifest = {"revision": revision, "files": entries}
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    sums = "".join(f"{entry['sha256']}  {entry['name']}\n" for entry in entries)
    (target / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return target / "manifest.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revision", required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    print(make_release(options.files, options.target, revision=options.revision))


if __name__ == "__main__":
    main()
