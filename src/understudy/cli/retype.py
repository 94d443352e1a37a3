"""Commands as the user would type them: with the folder, the store and the event that this one was given."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence

_EVENT_FLAGS = (
    "file", "executor", "event", "event_file", "branch", "tag", "base", "schedule", "ci", "runtime", "docker_in_jobs",
    "pull", "limits", "actor",
)  # fmt: skip
_REPEATED = ("param", "input", "var", "matrix", "approve", "secret_file", "secret")
_SWITCHES = ("committed", "no_network", "go_on", "offline", "dry_run", "gpus", "from_fork")
_PLACES = (("directory", "-C"), ("store", "--store"))


def typed(options: Namespace, command: str, *arguments: str) -> str:
    """A command as the user would type it, with the folder and the store that this one was given."""
    return shlex.join(["understudy", command, *arguments, *_places(options)])


def command_for(options: Namespace, workflow: str | None, jobs: Sequence[str], *more: str) -> str:
    """The command that performs `jobs` of `workflow` for the same event, in the same way."""
    named = [part for job in jobs for part in ("-j", job)]
    if list(jobs) == getattr(options, "job", None):
        named += _steps(getattr(options, "steps", None))
    return typed(options, "run", *([workflow] if workflow else []), *named, *_event(options), *more)


def _event(options: Namespace) -> list[str]:
    given: list[str] = []
    for flag in _EVENT_FLAGS:
        value = getattr(options, flag, None)
        given += [f"--{flag.replace('_', '-')}", value] if value else []
    for name in _REPEATED:
        for value in getattr(options, name, None) or ():
            given += [f"--{name.replace('_', '-')}", value]
    return [*given, *(f"--{name.replace('_', '-')}" for name in _SWITCHES if getattr(options, name, False))]


def _steps(steps: tuple[int, int] | None) -> list[str]:
    if steps is None:
        return []
    first, last = steps
    return ["--steps", f"{first}-{last if last < sys.maxsize else ''}"]


def _places(options: Namespace) -> list[str]:
    return [part for name, flag in _PLACES if getattr(options, name, None) for part in (flag, getattr(options, name))]
