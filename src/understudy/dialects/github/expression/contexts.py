"""What an expression can name: contexts, worked out when first asked for, and functions."""

from collections.abc import Callable, Mapping, Sequence

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.values import Value, to_text

Function = Callable[[tuple[Value, ...]], Value]
"""A function that exists only in some places: from its arguments' values to its own. May raise ExpressionError."""


class Contexts:
    """Contexts and functions by name, whatever the case.

    A context is a value or a callable that gives it, asked once at most. Not to be shared between threads.
    """

    def __init__(
        self,
        values: Mapping[str, Value | Callable[[], Value]],
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self._values = {name.lower(): value for name, value in values.items()}
        self._functions = {name.lower(): function for name, function in (functions or {}).items()}

    @property
    def names(self) -> frozenset[str]:
        """The names of all contexts, in lower case."""
        return frozenset(self._values)

    @property
    def functions(self) -> frozenset[str]:
        """The names of the functions that exist only here, in lower case."""
        return frozenset(self._functions)

    def get(self, name: str) -> Value:
        """The context called `name`. Raises ExpressionError when there is none."""
        known = name.lower()
        if known not in self._values:
            raise ExpressionError("parsing", f"Unrecognized named-value: '{name}'")
        value = self._values[known]
        if callable(value):
            value = self._values[known] = value()
        return value

    def function(self, name: str) -> Function:
        """The function called `name`. Raises ExpressionError when there is none."""
        known = self._functions.get(name.lower())
        if known is None:
            raise ExpressionError("parsing", f"Unrecognized function: '{name}'")
        return known


def by_status(status: str | None) -> Mapping[str, Function]:
    """The status functions for a job, or a composite action, of which `success`, `failure` or `cancelled` is known.

    None: nothing has ended yet, which is success. See
    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions.
    """
    status = status or "success"
    return {
        "always": lambda _arguments: True,
        "success": lambda _arguments: status == "success",
        "failure": lambda _arguments: status == "failure",
        "cancelled": lambda _arguments: status == "cancelled",
    }


def hashing(hash_files: Callable[[Sequence[str], bool], str]) -> Function:
    """`hashFiles` by `hash_files`, which takes patterns and whether to follow symbolic links, and gives the hash.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#hashfiles.
    """

    def function(arguments: tuple[Value, ...]) -> Value:
        patterns = [to_text(argument) for argument in arguments]
        option = patterns[0] if patterns[0].startswith("--") else ""
        if option and option.lower() != "--follow-symbolic-links":
            message = f"Invalid glob option {option}, available option: '--follow-symbolic-links'."
            raise ExpressionError("evaluation", message)
        return hash_files(patterns[1:] if option else patterns, bool(option))

    return function
