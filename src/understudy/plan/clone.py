"""The files of a clone's `.git` folder, laid out without a process: linked objects, a service's refs."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_NO_BRANCH_NAME = re.compile(r"^[-/.]|[\x00-\x20~^:?*\[\\\x7f]|\.\.|//|@\{|/\.|\.lock(/|$)|[/.]$|^@?$")
_CONVERSIONS = (
    "core.attributesfile",
    "core.autocrlf",
    "core.eol",
    "core.excludesfile",
    "core.filemode",
    "core.ignorecase",
    "core.precomposeunicode",
    "core.symlinks",
)
_BORROWED = ("borrowed-index", "info/attributes", "info/exclude")


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref: `peeled` is the commit of an annotated tag, `symref` the ref that a symbolic one points to; else empty."""

    name: str
    sha: str
    peeled: str = ""
    symref: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The repository that is cloned: the folder its worktrees share, this worktree's index, its refs and settings."""

    common: Path
    index: Path
    refs: Mapping[str, Ref]
    settings: Mapping[str, str]

    def conversions(self) -> dict[str, str]:
        """The settings that decide what `git add` would make of a file."""
        return {name: self.settings[name] for name in _CONVERSIONS if name in self.settings}


def is_branch_name(name: str) -> bool:
    """Whether git allows `name` for a branch. https://git-scm.com/docs/git-check-ref-format"""
    return not _NO_BRANCH_NAME.search(name)


def lay_out(target: Path, source: Source, origin_url: str, head: str | None) -> Path:
    """Makes `target/.git` with the objects of `source` and HEAD at the commit `head`; gives its path."""
    git_dir = target / ".git"
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (git_dir / folder).mkdir(parents=True)
    link_objects(source.common / "objects", git_dir / "objects")
    _write(git_dir / "HEAD", f"{head}\n" if head else "ref: refs/heads/unborn\n")
    _write(git_dir / "config", _config(source.settings, origin_url))
    _write(git_dir / "packed-refs", "# pack-refs with: peeled fully-peeled sorted \n")
    if (source.common / "shallow").is_file():
        shutil.copyfile(source.common / "shallow", git_dir / "shallow")
    return git_dir


def borrow(git_dir: Path, source: Source) -> Path:
    """Copies the index and the private ignore and attribute rules of `source`, filters off; gives the index' path.

    The index keeps its time stamp: git tells by it which entries it must compare by content.
    """
    borrowed = git_dir / "borrowed-index"
    if source.index.is_file():
        shutil.copy2(source.index, borrowed)
        for shared in source.index.parent.glob("sharedindex.*"):
            shutil.copy2(shared, git_dir / shared.name)
    for name in ("exclude", "attributes"):
        theirs = source.common / "info" / name
        rules = theirs.read_bytes() if theirs.is_file() else b""
        (git_dir / "info" / name).write_bytes(rules)
    with (git_dir / "info" / "attributes").open("ab") as attributes:
        attributes.write(b"\n* -filter\n")
    return borrowed


def give_back(git_dir: Path) -> None:
    """Removes what `borrow` left in the clone."""
    for name in _BORROWED:
        (git_dir / name).unlink(missing_ok=True)
    for shared in git_dir.glob("sharedindex.*"):
        shared.unlink()


def point(git_dir: Path, refs: Mapping[str, Ref], commit: str, branch: str | None, default: str) -> None:
    """Writes the refs as a service's clone has them after `commit` was pushed to `branch` (None: HEAD is detached).

    origin's branches are those last fetched; where there are none, the local ones stand for them.
    """
    theirs = [ref for name, ref in refs.items() if name.startswith("refs/remotes/origin/") and not ref.symref]
    ours = [ref for name, ref in refs.items() if name.startswith("refs/heads/") and not ref.symref]
    pushed = theirs or [Ref("refs/remotes/origin/" + ref.name.removeprefix("refs/heads/"), ref.sha) for ref in ours]
    tags = [ref for name, ref in refs.items() if name.startswith("refs/tags/")]
    written = {ref.name: ref for ref in (*pushed, *tags)}
    if branch:
        for name in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
            written[name] = Ref(name, commit)
    lines = ["# pack-refs with: peeled fully-peeled sorted "]
    for ref in sorted(written.values(), key=lambda one: one.name.encode("utf-8", "surrogateescape")):
        lines.append(f"{ref.sha} {ref.name}")
        lines.extend([f"^{ref.peeled}"] if ref.peeled else [])
    _write(git_dir / "packed-refs", "\n".join(lines) + "\n")
    _write(git_dir / "HEAD", f"ref: refs/heads/{branch}\n" if branch else f"{commit}\n")
    if f"refs/remotes/origin/{default}" in written:
        (git_dir / "refs/remotes/origin").mkdir(parents=True, exist_ok=True)
        _write(git_dir / "refs/remotes/origin/HEAD", f"ref: refs/remotes/origin/{default}\n")


def link_objects(source: Path, target: Path) -> None:
    """Hard-links (or copies, across file systems) every object of `source` and of its alternates into `target`.

    A repack at the same time moves objects; so the folder is read again until nothing was missed.
    """
    for folder in _with_alternates(source):
        for _attempt in range(5):
            if _link_all(folder, target):
                break


def _link_all(source: Path, target: Path) -> bool:
    complete = True
    for folder in _object_folders(source):
        place = target / folder.name
        place.mkdir(exist_ok=True)
        for entry in os.scandir(folder):
            if entry.name.startswith(("tmp_", ".", "multi-pack-index")) or not entry.is_file(follow_symlinks=False):
                continue
            complete &= _link(entry.path, place / entry.name)
    return complete


def _object_folders(source: Path) -> Iterator[Path]:
    """Loose objects before packs: a repack moves them that way."""
    names = sorted(entry.name for entry in os.scandir(source) if entry.is_dir())
    yield from (source / name for name in names if len(name) == 2)
    yield from (source / name for name in names if name == "pack")


def _link(source: str, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileExistsError:
        return True
    except FileNotFoundError:
        return False
    except OSError:
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError:
            return False
    return True


def _with_alternates(objects: Path) -> list[Path]:
    """`objects` and the folders it borrows from. https://git-scm.com/docs/gitrepository-layout"""
    found: list[Path] = []
    pending = [objects]
    while pending:
        folder = pending.pop().resolve()
        if folder in found or not folder.is_dir():
            continue
        found.append(folder)
        listing = folder / "info" / "alternates"
        lines = os.fsdecode(listing.read_bytes()).splitlines() if listing.is_file() else []
        pending.extend(folder / line for line in lines if line and not line.startswith("#"))
    return found


def _config(settings: Mapping[str, str], origin_url: str) -> str:
    """A new repository's own settings; of the user's, nothing but the object format."""
    form = settings.get("extensions.objectformat", "sha1")
    lines = ["[core]", f"\trepositoryformatversion = {0 if form == 'sha1' else 1}"]
    lines += ["\tfilemode = true", "\tbare = false", "\tlogallrefupdates = true"]
    if form != "sha1":
        lines += ["[extensions]", f"\tobjectformat = {form}"]
    if origin_url:
        quoted = origin_url.replace("\\", "\\\\").replace('"', '\\"')
        lines += ['[remote "origin"]', f'\turl = "{quoted}"', "\tfetch = +refs/heads/*:refs/remotes/origin/*"]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
