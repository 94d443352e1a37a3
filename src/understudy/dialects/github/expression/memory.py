"""The memory an expression may take: GitHub counts two bytes a character of what is being worked on."""

from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.values import Array, Object, Value

MAX_MEMORY_BYTES = 10 * 1024 * 1024
_TEXT_BYTES = 26
_OTHER_BYTES = 24
_REFERENCE_BYTES = 8


class Memory:
    """What the values that an evaluation still needs take together."""

    def __init__(self, limit_bytes: int, text: str) -> None:
        self.held = 0
        self._limit_bytes = limit_bytes
        self._text = text

    def spend(self, text: str) -> str:
        """Gives `text` back, which becomes part of a value that is being made. Raises ExpressionError."""
        self._add(_TEXT_BYTES + 2 * len(text))
        return text

    def settle(self, before: int, value: Value) -> None:
        """`value` is done: what it was made of, all that came after `before`, is needed no more."""
        if not isinstance(value, Array | Object):
            self.held = before
        elif isinstance(value, Array) and value.filtered:
            self._add(_REFERENCE_BYTES * len(value.items))
        self._add(_TEXT_BYTES + 2 * len(value) if isinstance(value, str) else _OTHER_BYTES)

    def _add(self, size_bytes: int) -> None:
        self.held += size_bytes
        if self.held > self._limit_bytes:
            message = "The maximum allowed memory size was exceeded while evaluating the following expression: "
            raise ExpressionError("evaluation", message + self._text)
