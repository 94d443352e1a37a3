"""What git knows of a repository: the facts a pipeline starts from, and a clone of what a commit would hold now."""

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict, Unpack

from understudy.errors import InputError, MachineError
from understudy.model.results import EventKind, Facts
from understudy.plan import clone, pull
from understudy.plan.origin import Origin, parse_origin, without_aliases
from understudy.plan.status import STATUS, Status, as_text, parse_status

_NO_COMMIT = "0" * 40
_KEPT_FROM_THE_USER = ("HOME", "XDG_CONFIG_HOME", "PATH", "TMPDIR")
_ASK_NOBODY = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
_RUN_NOTHING = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.safecrlf=false",
    "color.ui=false",
    "i18n.logOutputEncoding=utf-8",
)
_FIRST_DATE = "2000-01-01T00:00:00+0000"
_NOT_FOUND = 1  # what git answers to a question without an answer; above it, it failed


_Paths = tuple[str, ...] | None


class Asked(TypedDict, total=False):
    """What the user says about the event; the rest is found out.

    `base`: a revision that changes are told against. `committed`: uncommitted changes are left out. `environ`: the
    user's environment, of which git sees the paths alone. The rest as in `Facts`.
    """

    event: EventKind | None
    branch: str | None
    tag: str | None
    base: str | None
    parameters: Mapping[str, str]
    actor: str | None
    pull_request: int | None
    from_fork: bool
    schedule: str | None
    number: int
    pipeline_id: str
    committed: bool
    environ: Mapping[str, str] | None
    event_name: str
    event_type: str
    inputs: Mapping[str, str]
    payload: str
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Git:
    """git asked about the repository at `root`: no prompts, no hooks, no filters, and none of the caller's `GIT_*`."""

    root: Path
    environ: Mapping[str, str] | None = None

    def ask(self, *arguments: str) -> bytes | None:
        """What `git ARGUMENTS` prints; None when it answers that there is no such thing. Raises InputError."""
        done = self.start(arguments)
        if done.returncode > _NOT_FOUND:
            raise _refused(self.root, done.stderr)
        return done.stdout if done.returncode == 0 else None

    def start(
        self, arguments: Sequence[str], *, env: Mapping[str, str] | None = None, feed: bytes | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        """Runs git with `env` on top of a clean environment. Raises MachineError where there is no git."""
        options = [part for option in _RUN_NOTHING for part in ("-c", option)]
        try:
            return subprocess.run(
                ["git", *options, *arguments],
                cwd=self.root,
                env={**self._clean, **(env or {})},
                input=feed if feed is not None else b"",
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise MachineError("`git` is not installed", hint="install git 2.25 or newer") from error

    @cached_property
    def _clean(self) -> dict[str, str]:
        if self.environ is not None:
            kept = {name: self.environ[name] for name in _KEPT_FROM_THE_USER if name in self.environ}
        else:
            found = shutil.which("git")
            folders = [str(Path(found).parent)] if found else []
            kept = {"HOME": str(Path.home()), "PATH": ":".join([*folders, "/usr/local/bin", "/usr/bin", "/bin"])}
        return {**kept, **_ASK_NOBODY}

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """The configuration that holds here, the user's and the repository's; of several values the last one."""
        listing = self.ask("config", "--null", "--list") or b""
        entries = (entry.partition("\n") for entry in as_text(listing).split("\0") if entry)
        return {name: value for name, _, value in entries}

    @cached_property
    def origin(self) -> Origin:
        """The remote `origin` or, failing that, the only one there is."""
        urls = {
            name.removeprefix("remote.").removesuffix(".url"): url
            for name, url in self.settings.items()
            if name.startswith("remote.") and name.endswith(".url")
        }
        url = urls.get("origin") or (next(iter(urls.values())) if len(urls) == 1 else "")
        return parse_origin(without_aliases(url, self.settings)) if url else Origin(repository=self.root.name)

    @cached_property
    def refs(self) -> Mapping[str, clone.Ref]:
        """Branches, origin's branches and tags by their full names."""
        form = "%(objectname)%00%(*objectname)%00%(symref)%00%(refname)"
        listing = self.ask("for-each-ref", f"--format={form}", "refs/heads", "refs/remotes/origin", "refs/tags") or b""
        rows = (line.split("\0") for line in as_text(listing).splitlines())
        return {name: clone.Ref(name, sha, peeled, symref) for sha, peeled, symref, name in rows}

    def default_branch(self, current: str | None) -> str:
        """origin's HEAD, else `main` or `master` where there is one, else the current branch."""
        if head := self.refs.get("refs/remotes/origin/HEAD"):
            return head.symref.removeprefix("refs/remotes/origin/")
        known = (name for name in ("main", "master") if self.tip(name))
        return next(known, None) or current or self.settings.get("init.defaultbranch", "main")

    def status(self) -> Status:
        """The branch, the commit, and what differs from it in the working tree, untracked files included."""
        without_filters = [
            part
            for name in self.settings
            if name.startswith("filter.") and name.endswith((".clean", ".process", ".smudge", ".required"))
            for part in ("-c", f"{name}=")
        ]
        return parse_status(self.ask(*without_filters, *STATUS) or b"")

    def head(self) -> tuple[str | None, str | None]:
        """The current branch (None: detached) and commit (None: none yet)."""
        symbolic = as_text(self.ask("symbolic-ref", "-q", "HEAD") or b"").strip()
        if symbolic.startswith("refs/heads/"):
            ref = self.refs.get(symbolic)
            return symbolic.removeprefix("refs/heads/"), ref.sha if ref else None
        return None, as_text(self.ask("rev-parse", "-q", "--verify", "HEAD") or b"").strip() or None

    def places(self) -> tuple[Path, Path]:
        """The folder that all worktrees share, and this one's index (which may not exist yet)."""
        listing = as_text(self.ask("rev-parse", "--git-common-dir", "--git-path", "index") or b"")
        common, index = (self.root / line for line in listing.splitlines())
        return common, index

    def is_shallow(self) -> bool:
        """Whether its history was cut off."""
        return (self.ask("rev-parse", "--is-shallow-repository") or b"").strip() == b"true"

    def merge_base(self, revision: str) -> str | None:
        """The newest commit that HEAD and `revision` (a branch's name means origin's, else the local one) share."""
        done = self.start(("merge-base", "--end-of-options", "HEAD", self.tip(revision) or revision))
        if done.returncode > _NOT_FOUND:
            raise InputError(f"git knows no revision `{revision}`", hint="name a branch, a tag or a commit")
        return as_text(done.stdout).split()[0] if done.stdout else None

    def tip(self, branch: str) -> str | None:
        """The commit of `branch` as origin has it, else as it is here."""
        ref = self.refs.get(f"refs/remotes/origin/{branch}") or self.refs.get(f"refs/heads/{branch}")
        return ref.sha if ref else None


@dataclass(frozen=True, slots=True)
class _Commit:
    parent: str | None = None
    author_name: str = ""
    author_email: str = ""
    subject: str = ""
    message: str = ""


def find_repository(start: Path) -> Path:
    """The root of the working tree that `start` is in; worktrees and submodules are repositories of their own.

    Raises InputError where there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if _is_git(folder / ".git"):
            return folder
    raise InputError(
        f"`{start}` is not inside a git repository",
        hint="change to your project's folder, or make it one with `git init`",
    )


def gather(root: Path, **asked: Unpack[Asked]) -> Facts:
    """The facts of an event on the repository at `root`: a push to the current branch, unless asked otherwise.

    `branch` and `tag` name what would be pushed; the content is always what is here. Changed files are told against
    `base`, else the merge base with the default branch, else (on the default branch) the previous commit; uncommitted
    and untracked files count. Raises InputError for a repository that git refuses, an unknown `base`, a tag event
    without a tag.
    """
    git = Git(root, asked.get("environ"))
    status = git.status()
    committed = asked.get("committed", False)
    uncommitted = () if committed and status.head else tuple(map(as_text, status.changed))
    tag = asked.get("tag")
    event = asked.get("event") or (EventKind.TAG if tag else EventKind.PUSH)
    if event is EventKind.TAG:
        tag = tag or _tag_at(git, status.head)
    branch = None if event is EventKind.TAG else asked.get("branch") or status.branch
    default = git.default_branch(status.branch)
    commit = _last_commit(git) if status.head else _Commit()
    revision = asked.get("base") or (default if branch != default and git.tip(default) else None)
    base_sha, files = _changes(git, status.head, commit.parent, revision)
    author_name = commit.author_name or git.settings.get("user.name", "")
    return Facts(
        root=str(root),
        event=event,
        branch=branch,
        tag=tag,
        sha=status.head or _NO_COMMIT,
        base_sha=base_sha,
        default_branch=default,
        host=git.origin.host,
        owner=git.origin.owner,
        repository=git.origin.repository,
        origin_url=git.origin.url,
        author_name=author_name,
        author_email=commit.author_email or git.settings.get("user.email", ""),
        subject=commit.subject,
        message=commit.message,
        actor=asked.get("actor") or author_name,
        pull_request=asked.get("pull_request"),
        from_fork=asked.get("from_fork", False),
        changed_files=None if files is None else tuple(sorted({*files, *uncommitted})),
        parameters=asked.get("parameters", {}),
        schedule=asked.get("schedule"),
        number=asked.get("number", 1),
        pipeline_id=asked.get("pipeline_id", ""),
        dirty=bool(uncommitted),
        event_name=asked.get("event_name", ""),
        event_type=asked.get("event_type", ""),
        inputs=asked.get("inputs", {}),
        payload=asked.get("payload", ""),
        base_branch=_base_branch(git, asked, default) if event is EventKind.PULL_REQUEST else None,
        variables=asked.get("variables", {}),
    )


def _base_branch(git: Git, asked: Asked, default: str) -> str | None:
    """What a pull request is to be merged into: the branch that its changes are told against, else the default one.

    None where the payload, which the user gave, is to say it.
    """
    base = asked.get("base")
    if base is None and asked.get("payload"):
        return None
    name = (base or default).removeprefix("origin/")
    return name if git.tip(name) else default


def snapshot(
    root: Path,
    target: Path,
    *,
    committed: bool,
    branch: str | None = None,
    base: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Makes a clone at `target` (absent or empty) of what a commit would hold now; gives its commit's sha.

    Uncommitted changes become one commit on top of HEAD; `committed` leaves them out. The clone is on `branch` (None:
    the current one, or detached like it), knows origin without credentials and has no hooks. Nothing of the
    repository at `root` is written to, and nothing it configures is run. Submodules stay empty, as on a service.
    `base`: a branch or a commit that is merged in; the sha is still that of the commit without it. Raises InputError.
    """
    if branch is not None and not clone.is_branch_name(branch):
        raise InputError(f"`{branch}` is no name for a branch", hint="git's rules: `git help check-ref-format`")
    git = Git(root, environ)
    current, head = git.head()
    if committed and head is None:
        raise InputError("there is no commit yet", hint="leave out `--committed`, or commit first")
    source = clone.Source(*git.places(), refs=git.refs, settings=git.settings)
    git_dir = clone.lay_out(target, source, git.origin.url, head)
    commit = head if committed and head else _commit_of_now(git, git_dir, source, head)
    tip = commit if base is None else _with_base(git, git_dir, commit, base, head)
    clone.point(git_dir, source.refs, tip, branch or current, git.default_branch(current))
    clean = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
    _insist(git, ("read-tree", "-m", "-u", "HEAD"), {**clean, "GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(target)})
    clone.give_back(git_dir)
    return commit


def _with_base(git: Git, git_dir: Path, commit: str, base: str, head: str | None) -> str:
    env = {"GIT_DIR": str(git_dir), **_signature(git, head)}

    def start(*arguments: str) -> tuple[int, bytes, bytes]:
        done = git.start(arguments, env=env)
        return done.returncode, done.stdout, done.stderr

    return pull.merged(start, commit, git.tip(base) or base, f"Merge branch `{base}`")


def _commit_of_now(git: Git, git_dir: Path, source: clone.Source, head: str | None) -> str:
    """Commits the working tree into the clone, through a copy of the index; HEAD itself where nothing differs."""
    here = {
        "GIT_DIR": str(git_dir),
        "GIT_WORK_TREE": str(git.root),
        "GIT_INDEX_FILE": str(clone.borrow(git_dir, source)),
    }
    options = [part for name, value in source.conversions().items() for part in ("-c", f"{name}={value}")]
    status = parse_status(_insist(git, (*options, *STATUS), here))
    if head and not status.changed:
        return head
    paths = b"".join(path + b"\0" for path in status.unstaged)
    _insist(git, (*options, "update-index", "--add", "--remove", "-z", "--stdin"), here, feed=paths)
    tree = as_text(_insist(git, ("write-tree",), here)).strip()
    parents = ("-p", head) if head else ()
    made = _insist(git, ("commit-tree", tree, *parents, "-m", "Uncommitted changes"), {**here, **_signature(git, head)})
    return as_text(made).strip()


def _signature(git: Git, head: str | None) -> dict[str, str]:
    """Who and when: dated like HEAD, so that the same content gives the same commit."""
    date = as_text(git.ask("log", "-1", "--format=%ct +0000", head) or b"").strip() if head else ""
    name = git.settings.get("user.name") or "understudy"
    email = git.settings.get("user.email") or "understudy@localhost"
    who = {"NAME": name, "EMAIL": email, "DATE": date or _FIRST_DATE}
    return {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in who.items()}


def _insist(git: Git, arguments: Sequence[str], env: Mapping[str, str], *, feed: bytes | None = None) -> bytes:
    done = git.start(arguments, env=env, feed=feed)
    if done.returncode:
        raise _refused(git.root, done.stderr)
    return done.stdout


def _changes(git: Git, head: str | None, parent: str | None, revision: str | None) -> tuple[str | None, _Paths]:
    """The commit that changes are told against, and the files that HEAD changes; None where that can't be told."""
    if head is None:
        return None, ()
    base = git.merge_base(revision) if revision is not None else parent
    if base:
        listing = git.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", base, head)
    elif revision is not None or git.is_shallow():
        return None, None
    else:
        listing = git.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", head)
    return base, tuple(as_text(path) for path in (listing or b"").split(b"\0") if path)


def _last_commit(git: Git) -> _Commit:
    form = "--format=%P%x00%an%x00%ae%x00%s%x00%B"
    listing = git.ask("log", "-1", "--no-show-signature", "--no-mailmap", form) or b""
    parents, name, email, subject, message = as_text(listing).split("\0", 4)
    return _Commit(next(iter(parents.split()), None), name, email, subject, message.rstrip("\n"))


def _tag_at(git: Git, head: str | None) -> str:
    tags = (ref for name, ref in git.refs.items() if name.startswith("refs/tags/"))
    here = [ref.name.removeprefix("refs/tags/") for ref in tags if head and head in {ref.sha, ref.peeled}]
    if not here:
        raise InputError("no tag points at the current commit", hint="name one: `--tag v1.0`")
    return here[-1]


def _is_git(path: Path) -> bool:
    """A repository's own folder, or the file that a worktree or a submodule has in its place."""
    try:
        return (path / "HEAD").is_file() or (path.is_file() and path.read_bytes()[:8] == b"gitdir: ")
    except OSError:
        return False


def _refused(root: Path, message: bytes) -> InputError:
    lines = as_text(message).splitlines()
    if any("dubious ownership" in line for line in lines):
        return InputError(
            f"`{root}` belongs to another user, so git refuses to read it",
            hint=f"if you trust it: git config --global --add safe.directory {shlex.quote(str(root))}",
        )
    telling = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines or ["no reason given"]
    return InputError(f"git can't read `{root}`: {telling[0].partition(': ')[2] or telling[0]}")
