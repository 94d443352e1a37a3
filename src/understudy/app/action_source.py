"""Where the repositories of actions come from: a host that git asks, a mirror of it, or a folder of this machine."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from understudy.app.kept_actions import KeptRepository
from understudy.errors import InputError, MachineError
from understudy.plan.facts import Git

_ADDRESS = re.compile(r"(https?|ssh|git|file)://|[\w.-]+@[\w.-]+:")
_ALLOWED = {
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    "GIT_NO_LAZY_FETCH": "0",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=10",
    "GIT_ASKPASS": "true",
}
_IMPATIENT = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=10", "-c", "credential.helper=")

_NO_REPOSITORY = ("does not appear to be a git repository", "not found", "could not read Username")
"""What git says of one that isn't there; a host asks who you are before it says so."""

_SILENCE = re.compile(
    r"Could ?n[o']t (resolve|connect)|Failed to connect|[Cc]onnection|timed out|unreachable|too slow|SSL"
)
"""What git says of a host that it can't talk to; else it is about the one repository."""


def is_silent(said: str) -> bool:
    """Whether what git said is about the host, so that no other repository need be asked of it now."""
    return _SILENCE.search(said) is not None


@dataclass(frozen=True, slots=True)
class Sources:
    """`host`: an address with a repository at `/OWNER/REPOSITORY`, or a folder of mirrors with that layout.

    `stand_ins`: by `owner/repository` or `owner/repository@ref`, another address, or a folder that is used as it is.
    `root`: the project, from where folders are named that are not absolute; those must lie in it. `env`: what this
    network makes git need.
    """

    host: str
    stand_ins: Mapping[str, str]
    root: Path
    env: Mapping[str, str]

    def folder(self, slug: str, ref: str) -> Path | None:
        """The folder that stands in for it as it is, if one does. Raises InputError for one that isn't there."""
        given = self._given(slug, ref)
        if given is None or _ADDRESS.match(given):
            return None
        path = self.root / given
        if not path.is_dir():
            hint = "see [actions] in understudy.toml and UNDERSTUDY_ACTIONS"
            raise InputError(f"`{given}`, which stands in for `{slug}`, is no folder", hint=hint)
        if not Path(given).is_absolute() and not path.resolve().is_relative_to(self.root.resolve()):
            # What somebody's repository says shall not bring a folder of this machine into a room.
            hint = "name it in UNDERSTUDY_ACTIONS, which is yours"
            raise InputError(f"`{given}`, which stands in for `{slug}`, leads out of the repository", hint=hint)
        return None if _is_bare(path) else path

    def address(self, slug: str, ref: str) -> str:
        """What git is asked."""
        given = self._given(slug, ref)
        if given is None:
            return f"{self.host.rstrip('/')}/{slug}"
        return given if _ADDRESS.match(given) else str(self.root / given)

    def fetch(self, slug: str, ref: str, commit: str | None, place: Path) -> KeptRepository:
        """The files at `commit`, else at what `ref` means now, laid in below `place`.

        Raises MachineError where git can't be asked, InputError where the repository has no such ref.
        """
        address = self.address(slug, ref)
        work = place / "files"
        work.mkdir()
        git = Git(work)
        env = {**self.env, **_ALLOWED}
        git.start(("init", "-q", "."), env=env)
        fetch = ("fetch", "-q", "--depth", "1", "--no-tags", "--no-recurse-submodules", "--", address, commit or ref)
        fetched = git.start((*_IMPATIENT, *fetch), env=env)
        if fetched.returncode != 0:
            raise _refused(slug, ref, address, fetched.stderr.decode("utf-8", "replace"))
        found = git.start(("rev-parse", "FETCH_HEAD^{commit}"), env=env).stdout.decode("ascii", "replace").strip()
        laid = git.start(("-c", "core.autocrlf=false", "checkout", "-q", "--detach", found), env=env)
        if laid.returncode != 0:
            said = laid.stderr.decode("utf-8", "replace").strip()
            raise MachineError(f"the files of `{slug}@{ref}` can't be laid out: {said}")
        shutil.rmtree(work / ".git", ignore_errors=True)
        return KeptRepository(found, work)

    def _given(self, slug: str, ref: str) -> str | None:
        names = {name.lower(): value for name, value in self.stand_ins.items()}
        return names.get(f"{slug}@{ref}".lower(), names.get(slug.lower()))


def _is_bare(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir()


def _refused(slug: str, ref: str, address: str, said: str) -> MachineError | InputError:
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    last = next((line for line in lines if line.startswith("fatal: ")), (lines or ["git failed"])[-1])
    last = last.removeprefix("fatal: ")
    if any(words in said for words in _NO_REPOSITORY):
        hint = "check the name, or whether it is private"
        return InputError(f"there is no repository `{slug}` at {address}", hint=hint)
    if "couldn't find remote ref" in said or "not our ref" in said:
        return InputError(f"`{slug}` has no branch, tag or commit `{ref}`", hint="check the part behind `@`")
    hint = "try again where there is a network, or name a folder or mirror in [actions] of understudy.toml"
    return MachineError(f"`{slug}@{ref}` can't be fetched from {address}: {last}", hint=hint)
