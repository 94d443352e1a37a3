"""What a process in a container prints, as its engine hands it on, and the time that it may take."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from understudy.runtimes.base import Reason
from understudy.runtimes.calls import GRACE_S, LOST_S, NO_LIMITS, Limits

_HEAD_BYTES = 8
_CHUNK = 1 << 16


class Watch:
    """Keeps a call's time limits while its output is read."""

    def __init__(self, limits: Limits, signal: Callable[[str], None]) -> None:
        self.reason: Reason | None = None
        self._limits = limits
        self._signal = signal
        self._began = self._last = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="understudy-watch", daemon=True)

    def __enter__(self) -> None:
        if self._limits != NO_LIMITS:
            self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        if self._limits != NO_LIMITS:
            self._thread.join()

    def heard(self) -> None:
        """Something was printed."""
        self._last = time.monotonic()

    def _watch(self) -> None:
        while (left := self._left()) > 0:
            if self._over.wait(left):
                return
        total = self._limits.total_s
        late = total is not None and time.monotonic() - self._began >= total
        self.reason = Reason.TIMEOUT if late else Reason.NO_OUTPUT
        for name, patience_s in (("TERM", GRACE_S), ("KILL", LOST_S)):
            self._signal(name)
            if self._over.wait(patience_s):
                return

    def _left(self) -> float:
        now = time.monotonic()
        bounds = ((self._limits.total_s, self._began), (self._limits.silence_s, self._last))
        return min(since + bound - now for bound, since in bounds if bound is not None)


def pieces(answer: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The pieces of a stream with heads: the number of the stream, and what was printed."""
    while len(head := answer.read(_HEAD_BYTES)) == _HEAD_BYTES:
        left = int.from_bytes(head[4:], "big")
        while left > 0 and (chunk := answer.read(min(left, _CHUNK))):
            left -= len(chunk)
            yield head[0], chunk
