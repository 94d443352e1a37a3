"""The command line's grammar."""

import argparse
import re
import sys
from collections.abc import Sequence

from understudy.cli.examples import epilog
from understudy.config import DOCKER_IN_JOBS

EVENTS = ("push", "tag", "pull-request", "schedule", "api")
HINT = "or a service's own name of it (release:published)"


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written."""


def build() -> argparse.ArgumentParser:
    """The whole parser; every command's name is in `command`, None for the overview."""
    parser = argparse.ArgumentParser(
        prog="understudy",
        description="Performs your hosted CI on this machine. Alone, it says what it found and what to type next.",
        epilog=epilog("understudy"),
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    _common(parser, top=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _run(commands)
    _plan(commands)
    _check(commands)
    _history(commands)
    _cache(commands)
    _rest(commands)
    return parser


def _common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Flags every command takes, before or after its name."""
    default = None if top else argparse.SUPPRESS
    group = parser.add_argument_group("everywhere")
    group.add_argument("-C", "--directory", metavar="DIR", default=default, help="work in DIR")
    group.add_argument("--store", metavar="DIR", default=default, help="keep runs and caches in DIR")
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto" if top else default, help="default: auto"
    )
    group.add_argument("--debug", action="store_true", default=default or False, help="show tracebacks of our own bugs")


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog(name), formatter_class=_Formatter
    )
    _common(parser)
    return parser


def _selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", nargs="?", metavar="WORKFLOW", help="only this workflow, whatever the event")
    group = parser.add_argument_group("what is performed")
    group.add_argument("--file", metavar="PATH", help="this CI file alone, wherever it lies in the repository")
    group.add_argument(
        "-j", "--job", action="append", default=[], metavar="JOB", help="this job (a name or glob) and what it requires"
    )
    group.add_argument("-e", "--executor", metavar="NAME", help="only cells on this executor; none: each")
    group.add_argument("--matrix", action="append", default=[], metavar="AXIS=VALUE", help="only cells with this value")
    group.add_argument(
        "--steps",
        type=_steps,
        metavar="FIRST-LAST",
        help="of the jobs of -j only these steps, and the checkout: 3, 2-5, 4-, -3",
    )
    event = parser.add_argument_group("the event that is simulated")
    event.add_argument(
        "--event",
        type=_event,
        metavar="NAME[:TYPE]",
        help=f"{', '.join(EVENTS)}, or the service's own name of an event",
    )
    event.add_argument("--event-file", metavar="FILE", help="the event as the service would send it, in JSON")
    event.add_argument(
        "--input", action="append", default=[], metavar="NAME=VALUE", help="an input of a workflow started by hand"
    )
    event.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a variable of the project that is no secret"
    )
    event.add_argument("--branch", metavar="NAME", help="default: the current branch")
    event.add_argument("--tag", metavar="NAME", help="as if this tag had been pushed")
    event.add_argument("--base", metavar="REF", help="what changed files are counted from")
    event.add_argument("--from-fork", action="store_true", help="a pull request from a fork: no job is given secrets")
    event.add_argument("--actor", metavar="NAME", help="who it is by on the service; default: the last commit's author")
    event.add_argument("--schedule", metavar="NAME", help="the schedule that fired")
    event.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a pipeline parameter, as often as needed"
    )
    event.add_argument("--ci", metavar="NAME", help="the service whose file is used, where there are several")


def _event(written: str) -> str:
    """`NAME` or `NAME:TYPE`, of which the name is that of an event of any service."""
    name = written.partition(":")[0]
    if name not in EVENTS:
        from understudy.app.find import event_names  # noqa: PLC0415 - only for who names one

        if name not in event_names():
            raise argparse.ArgumentTypeError(f"invalid choice: {name!r} (choose from {', '.join(EVENTS)}, {HINT})")
    return written


def _offline(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--offline", action="store_true", help="ask nobody for orbs and actions that are not here")


def _run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "run", "perform what the event would start")
    _selection(parser)
    how = parser.add_argument_group("how it is performed")
    how.add_argument("--jobs", type=int, metavar="N", help="rooms at once; default: the number of CPUs")
    how.add_argument("--runtime", metavar="NAME", help="docker, podman, sandbox or plain")
    how.add_argument("--pull", choices=("always", "missing", "never"), help="when images are fetched; default: missing")
    how.add_argument("--limits", choices=("hosted", "none"), help="the hosted size as bounds of containers, or none")
    how.add_argument("--gpus", action="store_true", default=None, help="pass this machine's GPUs to every container")
    how.add_argument(
        "--docker-in-jobs",
        choices=DOCKER_IN_JOBS,
        help="the engine of jobs that ask for one: this machine's, one of their own, or none (the default)",
    )
    how.add_argument(
        "--allow-docker-socket",
        action="store_const",
        const="socket",
        dest="docker_in_jobs",
        help="the same as --docker-in-jobs socket",
    )
    how.add_argument("--approve", action="append", metavar="JOB", help="give this approval in advance")
    how.add_argument("--committed", action="store_true", help="perform HEAD, without uncommitted changes")
    how.add_argument("--no-network", action="store_true", help="cut the rooms' network")
    _offline(how)
    how.add_argument("--secret-file", action="append", default=[], metavar="FILE", help="NAME=value lines, masked")
    how.add_argument(
        "--secret", action="append", default=[], metavar="NAME", help="a variable of this environment, masked"
    )
    how.add_argument("--go-on", action="store_true", help="start although something named can't be reproduced")
    how.add_argument("-n", "--dry-run", action="store_true", help="go through the motions with nothing run")
    how.add_argument("--json", action="store_true", help="the stream of events, one JSON object a line")
    how.add_argument("-v", "--verbose", action="store_true", help="every line that every step prints")
    how.add_argument("-q", "--quiet", action="store_true", help="only the summary")


def _plan(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "plan", "say what would start, and why")
    _selection(parser)
    _offline(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--graph", action="store_true", help="draw the graph")
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--mermaid", action="store_true", help="as a Mermaid flowchart")


def _check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "check", "say everything that is wrong with the CI file")
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: the repository's CI file")
    _offline(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")


def _history(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    runs = _add(commands, "runs", "list past runs")
    runs.add_argument("-n", "--limit", type=int, default=20, metavar="N", help="how many; default: 20")
    runs.add_argument("-a", "--all", action="store_true", help="of every repository")
    runs.add_argument("--json", action="store_true", help="as JSON")
    show = _add(commands, "show", "show a run's jobs and steps")
    show.add_argument("run", nargs="?", metavar="RUN", help="a run's id or its beginning; default: the newest")
    show.add_argument("--json", action="store_true", help="its events as JSON lines")
    logs = _add(commands, "logs", "print what a run's steps printed")
    logs.add_argument("run", nargs="?", metavar="RUN", help="a run's id or its beginning; default: the newest")
    logs.add_argument("job", nargs="?", metavar="JOB", help="only this job (a name or glob)")
    logs.add_argument("--step", type=int, metavar="N", help="only the step of this number, as `show` counts them")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    logs.add_argument("--json", action="store_true", help="a JSON object a step, with its text")
    artifacts = _add(commands, "artifacts", "list a run's artifacts, or copy them out")
    artifacts.add_argument("run", nargs="?", metavar="RUN", help="a run's id or its beginning; default: the newest")
    artifacts.add_argument("-o", "--output", metavar="DIR", help="copy them into DIR")
    artifacts.add_argument("--json", action="store_true", help="as JSON")


def _cache(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    cache = _add(commands, "cache", "list, remove and bound what is kept")
    actions = cache.add_subparsers(dest="cache_command", metavar="ACTION", required=True)
    listing = _add(actions, "ls", "list saved caches")
    listing.add_argument("-a", "--all", action="store_true", help="of every repository")
    listing.add_argument("--json", action="store_true", help="as JSON")
    remove = _add(actions, "rm", "forget caches")
    remove.add_argument("key", nargs="+", metavar="KEY", help="a key, or a glob over keys")
    collect = _add(actions, "gc", "free what nothing needs, oldest first, down to a bound")
    collect.add_argument("--keep", type=float, metavar="GIB", help="how much to keep; default: the limit set")


def _rest(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    images = _add(commands, "images", "list which image each name of the file means here, and the shipped catalogue")
    images.add_argument("--json", action="store_true", help="as JSON")
    _add(commands, "doctor", "say what this machine can do, what it can't, and how to mend that")
    _add(commands, "clean", "end and remove whatever dead runs left behind")
    completion = _add(commands, "completion", "print a completion script for a shell")
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    orbs = _add(commands, "orbs", "list the orbs that the file needs, or put them into the repository")
    orbs.add_argument("--json", action="store_true", help="as JSON")
    actions = orbs.add_subparsers(dest="orbs_command", metavar="ACTION")
    adding = _add(actions, "add", "put orbs into the repository, and pin them in understudy.lock")
    adding.epilog = epilog("orbs add")
    adding.add_argument(
        "reference", nargs="*", metavar="ORB", help="namespace/name@version; none: all that are missing"
    )
    adding.add_argument("--from", dest="source", metavar="FILE", help="take its source from FILE; nobody is asked")
    adding.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    _offline(adding)
    _actions(commands)
    conformance = commands.add_parser("conformance")
    conformance.add_argument("endpoint")


def _actions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listing = _add(commands, "actions", "what the workflows use, and where it is from")
    listing.add_argument("--json", action="store_true", help="as JSON")
    inner = listing.add_subparsers(dest="actions_command", metavar="ACTION")
    adding = _add(inner, "add", "fetch actions of other repositories, and pin them in understudy.lock")
    adding.epilog = epilog("actions add")
    adding.add_argument("reference", nargs="*", metavar="USES", help="owner/repository@ref; none: all that are needed")
    adding.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    _offline(adding)


def _steps(text: str) -> tuple[int, int]:
    """A number, or two with a dash between them of which one may be left out."""
    found = re.fullmatch(r"(\d*)(-?)(\d*)", text)
    if found is None or not (found[1] or found[3]) or (found[3] and not found[2]):
        raise argparse.ArgumentTypeError(f"`{text}` is no range of steps: write 3, 2-5, 4- or -3")
    first = int(found[1] or 1)
    last = int(found[3]) if found[3] else first if not found[2] else sys.maxsize
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"`{text}` holds no step: they are counted from 1")
    return first, last


def pairs(values: Sequence[str], flag: str) -> dict[str, str]:
    """`NAME=VALUE` arguments as a mapping; argparse's own error for another form."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name:
            raise argparse.ArgumentTypeError(f"{flag} takes NAME=VALUE, not `{value}`")
        found[name] = rest
    return found
