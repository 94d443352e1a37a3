"""From arguments to values: settings, the simulated event, the selection, the console."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from understudy import config
from understudy.app import find
from understudy.cli import parser, render
from understudy.config import Settings
from understudy.errors import InputError
from understudy.model.results import EventKind
from understudy.plan.facts import Asked
from understudy.plan.planner import Selection

_PULL_REQUESTS = ("pull_request", "pull_request_target")

_NO_EVENT: Mapping[str, object] = {
    "event": None,
    "event_file": None,
    "input": [],
    "var": [],
    "branch": None,
    "tag": None,
    "base": None,
    "param": [],
    "actor": None,
    "schedule": None,
    "from_fork": False,
}
"""What a command asks for whose own flags name no event."""


@dataclass(frozen=True)
class Request:
    """One call of the program: its options, and what follows from them, each worked out once and when it is needed."""

    options: argparse.Namespace

    @cached_property
    def start(self) -> Path:
        """The folder it works in."""
        folder = Path(self.options.directory or ".")
        if not folder.is_dir():
            raise InputError(f"`{folder}` is no folder", hint="give --directory an existing one")
        return folder.resolve()

    @cached_property
    def root(self) -> Path:
        """The repository. Raises InputError where there is none."""
        return find.find_root(self.start)

    @cached_property
    def settings(self) -> Settings:
        """The settings for this repository."""
        return config.load(self.root, self._flags())

    @cached_property
    def settings_anywhere(self) -> Settings:
        """The settings, outside a repository too."""
        try:
            root = self.root
        except InputError:
            return config.load(None, self._flags())
        return config.load(root, self._flags())

    @cached_property
    def console(self) -> render.Console:
        """Where it prints."""
        return render.console(config.terminal(self.options.color))

    @cached_property
    def event(self) -> Asked:
        """The event to simulate."""
        options = argparse.Namespace(**{**_NO_EVENT, **vars(self.options)})
        from_fork = bool(options.from_fork)
        event = options.event or ("pull-request" if from_fork else "tag" if options.tag else "push")
        name, _, activity = event.partition(":")
        kind = _kind(name)
        if from_fork and kind is not EventKind.PULL_REQUEST:
            raise InputError(
                f"`--from-fork` is for pull requests, not for `--event {event}`", hint="leave one of them out"
            )
        asked: Asked = {
            "event": kind,
            "event_name": "" if name in parser.EVENTS else name,
            "event_type": activity,
            "inputs": _pairs(options.input, "--input"),
            "variables": _pairs(options.var, "--var"),
            "payload": self._payload(options.event_file),
            "branch": options.branch,
            "tag": options.tag,
            "base": options.base,
            "parameters": _pairs(options.param, "--param"),
            "actor": options.actor,
            "schedule": options.schedule,
            "from_fork": from_fork,
            "committed": bool(getattr(options, "committed", False)),
        }
        return asked

    def _payload(self, given: str | None) -> str:
        """The text of `--event-file`, a JSON object."""
        if given is None:
            return ""
        path = self.start / given
        try:
            text: str = path.read_text(encoding="utf-8")
            found = json.loads(text)
        except (OSError, ValueError, RecursionError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or f"it is no JSON: {error}"
            raise InputError(f"`--event-file {given}` can't be read: {why}") from error
        if not isinstance(found, dict):
            raise InputError(f"`--event-file {given}` holds no JSON object")
        return text

    @cached_property
    def file(self) -> str:
        """The one CI file that is asked for, from the repository's root; empty for those that the repository has."""
        given = self.options.file
        if not given:
            return ""
        path = (self.start / given).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            raise InputError(f"`{given}` is no file of this repository")
        inside: str = path.relative_to(self.root.resolve()).as_posix()
        return inside

    @cached_property
    def selection(self) -> Selection:
        """What is to be kept of the plan."""
        cells: dict[str, tuple[str, ...]] = {}
        for given in self.options.matrix:
            for axis, value in _pairs([given], "--matrix").items():
                cells[axis] = (*cells.get(axis, ()), value)
        jobs, steps = tuple(self.options.job), self.options.steps
        if steps is not None and not jobs:
            raise InputError("`--steps` is for certain jobs", hint="name one: `-j JOB`")
        return Selection(self.options.workflow, jobs, self.options.executor, cells, steps)

    def source(self, name: str) -> str | None:
        """The text of a file that findings name."""
        content = find.repository_files(self.root)(name)
        return content.decode("utf-8", "replace") if content is not None else None

    def _flags(self) -> dict[str, Any]:
        options = self.options
        given = {
            name: getattr(options, name, None) for name in ("store", "jobs", "runtime", "ci", "committed", "go_on")
        }
        return {
            **given,
            "network": False if getattr(options, "no_network", False) else None,
            "secret_files": getattr(options, "secret_file", ()),
            "secret_names": getattr(options, "secret", ()),
            "approve": getattr(options, "approve", None),
            "offline": getattr(options, "offline", False) or None,
            "pull": getattr(options, "pull", None),
            "limits": getattr(options, "limits", None),
            "gpus": getattr(options, "gpus", None),
            "docker_in_jobs": getattr(options, "docker_in_jobs", None),
            "color_when": options.color,
        }


def _kind(name: str) -> EventKind:
    """The kind of the event `name`, which may be a service's own name of it."""
    if name in parser.EVENTS:
        return EventKind(name)
    return EventKind.PULL_REQUEST if name in _PULL_REQUESTS else EventKind.API


def _pairs(values: list[str], flag: str) -> dict[str, str]:
    try:
        return parser.pairs(values, flag)
    except argparse.ArgumentTypeError as error:
        raise InputError(str(error)) from error
