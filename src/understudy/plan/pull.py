"""What a pull request would come to: its commit with the branch merged in that it goes to."""

import os
from collections.abc import Callable

from understudy.errors import InputError

Start = Callable[..., tuple[int, bytes, bytes]]
"""Runs git with these arguments, where and as whom is its own to know: the exit status, and what it prints."""

_CONFLICT = 1
_MOST_SHOWN = 5


def merged(start: Start, commit: str, base: str, words: str) -> str:
    """The commit that `commit` and `base` come to, with the message `words`; `commit` where it holds `base` already.

    Raises InputError where they can't be merged.
    """
    if start("merge-base", "--is-ancestor", base, commit)[0] == 0:
        return commit
    code, printed, said = start("merge-tree", "--write-tree", "--name-only", "-z", "--no-messages", commit, base)
    tree, _, rest = os.fsdecode(printed).partition("\0")
    if code == _CONFLICT:
        message = f"{words}: there are conflicts in {_shown([name for name in rest.split(chr(0)) if name])}"
        raise InputError(message, hint="merge it by hand first, as the service would ask for")
    if code:
        why = os.fsdecode(said).strip().partition("\n")[0]
        raise InputError(f"{words}: {why or 'git did not say why it failed'}", hint="git 2.38 or newer can do it")
    code, made, said = start("commit-tree", tree, "-p", commit, "-p", base, "-m", words)
    if code:
        raise InputError(f"{words}: {os.fsdecode(said).strip()}")
    return os.fsdecode(made).strip()


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_MOST_SHOWN]) + more
