"""Runs one command and turns whatever it raises into one line, a hint, an exit code and, for our bugs, a log file."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from understudy import __version__, config
from understudy.cli import parser, render
from understudy.errors import ExitCode, MachineError, UnderstudyError


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one way out a kind of failure
    """Parses and performs; never raises but for SystemExit of argparse (usage, help)."""
    options = parser.build().parse_args(arguments)
    try:
        return _command(options, tuple(arguments))
    except UnderstudyError as error:
        render.show_error(_console(options), error.message, error.hint)
        return int(error.exit_code)
    except KeyboardInterrupt:
        render.show_error(_console(options), "interrupted")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read us has gone (`| head`): say nothing more, and let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        mapped = _machine_error(error)
        if mapped is None:
            return _bug(error, options)
        render.show_error(_console(options), mapped.message, mapped.hint)
        return int(mapped.exit_code)
    except Exception as error:  # noqa: BLE001 - the one place where nothing may get past
        return _bug(error, options)


def _command(options: argparse.Namespace, arguments: tuple[str, ...]) -> int:
    if options.version:
        sys.stdout.write(f"understudy {__version__}\n")
        return 0
    if options.command == "conformance":
        from understudy.cli.conformance import serve  # noqa: PLC0415 - only here

        gc.enable()  # `main` turned it off
        return serve(options.endpoint, sys.stdin, print_line)
    from understudy.cli import commands  # noqa: PLC0415 - slow: everything below it comes along

    return commands.perform(options, arguments)


def _console(options: argparse.Namespace) -> render.Console:
    return render.console(config.terminal(options.color))


def print_line(line: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(line if line.endswith("\n") else line + "\n")
    sys.stdout.flush()


def _machine_error(error: OSError) -> MachineError | None:
    """What the machine refuses, told as such; None for what only a bug of ours can be."""
    import errno  # noqa: PLC0415 - rarely needed

    place = f" (`{error.filename}`)" if error.filename else ""
    hints = {
        errno.ENOSPC: "free space, or bound what is kept: `understudy cache gc --keep 1`",
        errno.EROFS: "choose another store with --store",
        errno.EACCES: "check the permissions, or choose another store with --store",
        errno.EMFILE: "raise the limit of open files (`ulimit -n`), or lower --jobs",
        errno.ENOMEM: "lower --jobs",
        errno.EDQUOT: "your disk quota is used up",
    }
    hint = hints.get(error.errno or 0)
    return MachineError(f"{(error.strerror or str(error)).lower()}{place}", hint=hint) if hint else None


def _bug(error: BaseException, options: argparse.Namespace) -> int:
    import platform  # noqa: PLC0415 - these take time to load, and hopefully nobody needs them
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    text = "".join(traceback.format_exception(error))
    if getattr(options, "debug", False):
        sys.stderr.write(text)
    report = (
        f"# understudy {__version__}: an unexpected error\n\n"
        f"- command: `understudy {' '.join(sys.argv[1:])}`\n- Python {platform.python_version()}, {platform.platform()}"
        f"\n\n```\n{text}```\n"
    )
    try:
        descriptor, name = tempfile.mkstemp(prefix="understudy-", suffix=".md")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(report)
        hint = f"the details are in {Path(name)}; please report it with that file"
    except OSError:
        hint = "run it again with --debug for the details, and please report it"
    render.show_error(_console(options), f"this is a bug of ours: {type(error).__name__}: {error}", hint)
    return int(ExitCode.BUG)
