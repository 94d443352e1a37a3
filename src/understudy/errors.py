"""The exceptions of this program: we failed, as opposed to the file (a Finding) or the step (an Outcome).

    UnderstudyError                 one line for the user, a hint, an exit code
    ├── InputError                  2: what was asked can't be: no such job, no repository
    ├── MachineError                3: this machine can't: no sandbox, no engine
    │   ├── StoreError              3: the store is full, read-only or damaged
    │   └── RoomError               3: a room could not be opened or died; the job is ERRORED
    └── Interrupted                 130: the user pressed Ctrl-C

Anything else that escapes is a bug of ours: exit code 4, one line, and a log file.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    PASSED = 0
    FAILED = 1
    INPUT = 2
    MACHINE = 3
    BUG = 4
    INTERRUPTED = 130


class UnderstudyError(Exception):
    """The root of the tree: `message` is the line shown, `hint` what to do about it."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(UnderstudyError):
    """What was asked for can't be: the input needs fixing."""

    exit_code = ExitCode.INPUT


class MachineError(UnderstudyError):
    """This machine can't do what was asked."""

    exit_code = ExitCode.MACHINE


class StoreError(MachineError):
    """The store can't be read or written."""


class RoomError(MachineError):
    """A room could not be opened, or died under its job."""


class Interrupted(UnderstudyError):  # noqa: N818 - it is no error of anybody's
    """The user asked for the run to end."""

    exit_code = ExitCode.INTERRUPTED
