"""A script of Bitbucket as the service gives it to the shell, and what a pipe in the midst of it asks of that shell.

The service runs all lines of a script in one shell, pipes being commands among them. Here a pipe is a container of its
own between two shells: the first one notes what it has come to, the second one goes on from there.
"""

import re
import shlex
from collections.abc import Iterable, Sequence

from understudy.model.pipeline import Script, Text

VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")

# bash has all that a shell can be asked for; others tell their variables, but not their functions.
_LEAVE = """\
{
  if [ -n "${BASH_VERSION-}" ]; then declare -p; declare -f; alias -p; set +o; shopt -p || :
  else set; export -p; set +o
  fi
} >%(state)s 2>/dev/null || :
pwd >%(state)s.folder
printf '%%s\\0' reached%(values)s >%(state)s.values
"""
_GO_ON = """\
. %(state)s 2>/dev/null || :
cd "$(cat %(state)s.folder)"
"""


def script_text(lines: Iterable[str], before: str = "", after: str = "") -> str:
    """A script of `lines` that ends with the first that fails; each is told before it runs.

    See https://support.atlassian.com/bitbucket-cloud/kb/why-does-bitbucket-pipelines-pass-build-steps-despite-previous-command-failure/.
    """
    told = (f"printf '+ %s\\n' {shlex.quote(line)}\n{line}\n" for line in lines)
    return f"set -e\n{before}{''.join(told)}{after}"


def lines_of(script: Script) -> tuple[str, ...]:
    """The commands of `script`, one by one where the file has them so."""
    return tuple(line.raw for line in script.lines) or (script.body.raw,)


def going_on(state: str) -> str:
    """What a shell does first that goes on from what another has left at the path `state`."""
    return _GO_ON % {"state": shlex.quote(state)}


def leaving(state: str, variables: Sequence[str]) -> str:
    """What a shell does last that leaves all it has at the path `state`, and the values of `variables` besides."""
    values = "".join(f' "${{{name}-}}"' for name in variables)
    return _LEAVE % {"state": shlex.quote(state), "values": values}


def values_path(state: str) -> str:
    """Where `leaving` has left values."""
    return f"{state}.values"


def left_values(content: bytes | None, variables: Sequence[str]) -> dict[str, str] | None:
    """The values that a shell has left, by name; None for one that has not come to its end."""
    values = (content or b"").decode("utf-8", "surrogateescape").split("\0")
    return dict(zip(variables, values[1:], strict=False)) if values[0] == "reached" else None


def named_in(texts: Iterable[Text]) -> tuple[str, ...]:
    """The variables that `texts` mention, each once."""
    return tuple(dict.fromkeys(one[1] or one[2] for text in texts for one in VARIABLE.finditer(text.raw)))
