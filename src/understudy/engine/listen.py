"""Hands what a step prints to its dialect's listener, line by line, on its way into the log."""

import threading
from collections.abc import Callable, Iterable

from understudy.dialects.base import Effects, Hearing
from understudy.engine.output import StepLog

_LONGEST = 1 << 20


class Listener:
    """A sink between a process and the log of its step. The log gets whole lines, but for the last one.

    A line of more than a MiB is none that a service reads: it is passed on in parts.
    """

    def __init__(self, hearing: Hearing, log: StepLog, hide: Callable[[Iterable[str]], None]) -> None:
        """`hide` takes what the step asks to hide, from the next line on."""
        self._hearing = hearing
        self._log = log
        self._hide = hide
        self._rest = b""
        self._masks: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._over = False

    def __call__(self, chunk: bytes) -> None:
        """Takes raw output of the process. What comes after the end is dropped."""
        with self._lock:
            if self._over:
                return
            end = chunk.rfind(b"\n") + 1
            if not end:
                self._rest += chunk
                if len(self._rest) > _LONGEST:
                    self._pass_on()
                return
            block, self._rest = self._rest + chunk[:end], chunk[end:]
            self._hear(block)

    def effects(self) -> Effects:
        """What was heard, with what stands in a last line without end; nothing is heard after it."""
        with self._lock:
            if self._rest:
                self._hear(self._rest)
                self._rest = b""
            self._over = True
            return self._hearing.effects()

    def _hear(self, block: bytes) -> None:
        if not self._hearing.wants(block):
            self._log(block)
            return
        kept: list[bytes] = []
        for raw in _lines(block):
            text = raw.rstrip(b"\r\n").decode("utf-8", "replace")
            said = self._hearing.line(text)
            masks = self._hearing.masks()
            if masks != self._masks:
                self._log(b"".join(kept))
                kept.clear()
                self._masks = masks
                self._hide(masks)
            if said is not None:
                kept.append(raw if said == text else said.encode("utf-8", "replace") + _end(raw))
        self._log(b"".join(kept))

    def _pass_on(self) -> None:
        self._log(self._rest)
        self._rest = b""


def _lines(block: bytes) -> list[bytes]:
    """The lines of `block` with their ends: line feeds alone, since a carriage return is for terminals."""
    parts = [part + b"\n" for part in block.split(b"\n")]
    last = parts.pop()[:-1]
    return [*parts, last] if last else parts


def _end(raw: bytes) -> bytes:
    return raw[len(raw.rstrip(b"\r\n")) :]


def merged(heard: Effects, left: Effects) -> Effects:
    """Both together; what the step left in files wins."""
    return Effects(
        env={**heard.env, **left.env},
        outputs={**heard.outputs, **left.outputs},
        path=(*left.path, *heard.path),
        masks=(*heard.masks, *left.masks),
        summary=heard.summary + left.summary,
        halt=heard.halt or left.halt,
        verdict=left.verdict or heard.verdict,
        continuation=left.continuation or heard.continuation,
        annotations=(*heard.annotations, *left.annotations),
        state={**heard.state, **left.state},
        error=left.error or heard.error,
    )
