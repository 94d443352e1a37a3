"""What shows a run while it goes, and how it ended; apart from the rest, which needs none of it to show a plan."""

import select
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from understudy.cli import summary
from understudy.cli.log import Log
from understudy.cli.render import Console
from understudy.cli.view import RunView
from understudy.config import Settings
from understudy.model.codec import encode
from understudy.model.events import Event

_LOOK_S = 0.2  # how often a question looks whether it is still one


def screen(console: Console, settings: Settings, options: Namespace, past: Mapping[str, float]) -> "Screen":
    """What shows a run: JSON lines, a live display in a terminal, log lines elsewhere.

    `past`: seconds by job id, from past runs, for the estimate.
    """
    if options.json:
        return JsonScreen(console)
    if settings.tty and not options.verbose and not options.quiet:
        from understudy.cli.live import LiveScreen, Past  # noqa: PLC0415 - only here, and it uses this module

        return LiveScreen(console, Past(past, settings.jobs), interactive=settings.interactive)
    return LogScreen(
        console, Log(console.paint, output=options.verbose), quiet=options.quiet, asks=settings.interactive
    )


def show_summary(console: Console, screen: "Screen", ending: summary.Ending) -> None:
    """Prints how a run ended; a job whose end stands on the screen already is not told of again."""
    console.say("", *summary.summary_lines(screen.view, ending, console.paint, jobs=not screen.leaves_jobs))


class Screen(Protocol):
    """Shows a run while it goes, from its events; `view` is what they add up to. Called by one thread at a time.

    `leaves_jobs`: the end of each job stays on the screen.
    """

    view: RunView
    leaves_jobs: bool

    def say(self, line: str) -> None:
        """A line about the run as a whole; safe in a signal handler."""
        ...

    def __call__(self, event: Event) -> None:
        """Takes the next event."""
        ...

    def ask(self, prompt: str) -> bool | None:
        """Asks the person for a yes or no; None when nobody can answer."""
        ...

    def close(self) -> None:
        """Leaves the terminal as it was. Safe to repeat."""
        ...


@dataclass(slots=True)
class LogScreen:
    """A run as a log, for a pipe or a dumb terminal. `asks`: a person is there to answer."""

    console: Console
    log: Log
    quiet: bool = field(default=False, kw_only=True)
    asks: bool = field(default=False, kw_only=True)
    view: RunView = field(default_factory=RunView)
    leaves_jobs: bool = field(default=False, init=False)

    def __call__(self, event: Event) -> None:
        """Takes the next event."""
        self.view.fold(event)
        lines = [] if self.quiet else self.log.lines(event)
        if lines:
            self.console.say(*lines)

    def say(self, line: str) -> None:
        """A line of its own, at once."""
        self.console.say(line)

    def ask(self, prompt: str) -> bool | None:
        """Asks on the terminal, where there is a person."""
        return answer(self.console, prompt, self.view.nobody_asked) if self.asks else None

    def close(self) -> None:
        """Nothing to leave."""


@dataclass(slots=True)
class JsonScreen:
    """Every event as a JSON object on a line of its own; nobody is asked."""

    console: Console
    view: RunView = field(default_factory=RunView)
    leaves_jobs: bool = field(default=False, init=False)

    def __call__(self, event: Event) -> None:
        """Takes the next event."""
        self.view.fold(event)
        self.console.json(encode(event))

    def say(self, line: str) -> None:
        """A line for people, beside the JSON."""
        self.console.say(line)

    def ask(self, _prompt: str) -> bool | None:
        """Nobody reads prompts among JSON."""
        return None

    def close(self) -> None:
        """Nothing to leave."""


def answer(console: Console, prompt: str, given_up: Callable[[], bool]) -> bool | None:
    """Asks for a yes or no until there is one; None at the end of input, and once nobody needs it: `given_up`."""
    source = sys.stdin
    while True:
        console.error.write(f"approve `{console.paint.clean(prompt)}`? [y/n] ")
        console.error.flush()
        while not select.select([source], [], [], _LOOK_S)[0]:
            if given_up():
                console.say("")
                return None
        line = source.readline()
        if not line:
            console.say("")
            return None
        word = line.strip().lower()
        if word in {"y", "yes", "n", "no"}:
            return word.startswith("y")
