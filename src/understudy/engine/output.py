"""What a step prints: masked, kept whole in its log, and told live at a bounded rate."""

import codecs
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from understudy.engine.mask import Masker, Secrets
from understudy.model.events import Emit, StepOutput

INTERVAL_S = 0.05
LIVE_BYTES = 64 << 10


class Ticker:
    """One thread a run that hands on what steps printed last before they fell silent. Threads may share it."""

    def __init__(self) -> None:
        self._logs: set[StepLog] = set()
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self, log: "StepLog") -> None:
        """Has `log` told to `tick` within `INTERVAL_S` or a little more."""
        with self._lock:
            if self._closed.is_set():
                return
            self._logs.add(log)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="understudy-ticker", daemon=True)
                self._thread.start()
        self._work.set()

    def close(self) -> None:
        """Ends the thread. Safe to repeat."""
        with self._lock:
            self._closed.set()
            thread = self._thread
        self._work.set()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            if self._closed.wait(INTERVAL_S):
                return
            with self._lock:
                logs, self._logs = self._logs, set()
            for log in logs:
                log.tick()


class StepLog:
    """The output of one step: a sink for its processes, and a place for lines of ours. Threads may share it.

    Everything goes to the file at `path`, which is made with the first byte and flushed with every chunk. Live readers
    get at most one event an interval, of at most the last `LIVE_BYTES`.
    """

    def __init__(
        self, path: Path, secrets: Secrets, tell: Callable[[str], None], ticker: Ticker, *, clock: Callable[[], float]
    ) -> None:
        """`tell` hands text to live readers; `clock` may be any that runs forward, in seconds."""
        self._path = path
        self._secrets = secrets
        self._masker = Masker(secrets)
        self._tell = tell
        self._ticker = ticker
        self._clock = clock
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._pending: deque[bytes] = deque()
        self._pending_bytes = 0
        self._dropped_bytes = 0
        self._told_at = float("-inf")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_line_start = True
        self._failure: Exception | None = None
        self._closed = False
        self.size_bytes = 0

    def __call__(self, chunk: bytes) -> None:
        """Takes raw output of a process. What comes after the end is dropped."""
        with self._lock:
            if not self._closed:
                self._take(self._masker.feed(chunk))

    def line(self, text: str) -> None:
        """Writes a line of ours, on a line of its own."""
        with self._lock:
            if self._closed:
                return
            self._take(self._masker.finish())
            start = "" if self._at_line_start else "\n"
            self._take(self._masker.feed(f"{start}{text}\n".encode(errors="replace")) + self._masker.finish())

    def hide(self, values: Iterable[str]) -> None:
        """Hides `values` too, in what comes from now on."""
        with self._lock:
            secrets = self._secrets.also(values)
            if secrets is not self._secrets and not self._closed:
                self._take(self._masker.finish())
                self._secrets, self._masker = secrets, Masker(secrets)

    @property
    def closed(self) -> bool:
        """Whether it takes nothing any more."""
        return self._closed

    def tick(self) -> None:
        """Tells live readers what is waiting, or soon if it is too early. Never raises: `close` does."""
        with self._lock:
            if self._closed:
                return
            if self._clock() - self._told_at < INTERVAL_S:
                self._ticker.wake(self)
                return
            try:
                self._flush(final=False)
            except Exception as error:  # noqa: BLE001 - kept for the thread whose step this is
                self._failure = error

    def close(self) -> None:
        """Writes and tells the rest. Safe to repeat. Raises what `tick` could not."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._take(self._masker.finish())
                self._flush(final=True)
            finally:
                if self._file is not None:
                    self._file.close()
            if self._failure is not None:
                raise self._failure

    def _take(self, masked: bytes) -> None:
        if not masked:
            return
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        rest = memoryview(masked)
        while rest:  # a disk that is all but full takes a part, and says only at the next write that it is full
            rest = rest[self._file.write(rest) :]
        self.size_bytes += len(masked)
        self._at_line_start = masked.endswith(b"\n")
        self._queue(masked)
        if self._clock() - self._told_at >= INTERVAL_S:
            self._flush(final=False)
        else:
            self._ticker.wake(self)

    def _queue(self, masked: bytes) -> None:
        self._pending.append(masked)
        self._pending_bytes += len(masked)
        while self._pending_bytes > LIVE_BYTES:
            surplus = self._pending_bytes - LIVE_BYTES
            first = self._pending[0]
            if len(first) <= surplus:
                self._pending.popleft()
            else:
                self._pending[0] = first[surplus:]
            gone = min(surplus, len(first))
            self._pending_bytes -= gone
            self._dropped_bytes += gone

    def _flush(self, *, final: bool) -> None:
        """Tells what is pending. A character cut in two waits for its other half, unless this is the end."""
        note = ""
        if self._dropped_bytes:
            note = f"[... {self._dropped_bytes:,} bytes more are in the log ...]\n"
            self._decoder.reset()
        text = note + self._decoder.decode(b"".join(self._pending), final)
        self._pending.clear()
        self._pending_bytes = self._dropped_bytes = 0
        self._told_at = self._clock()
        if text:
            self._tell(text)


def live(emit: Emit, node: str, step: int) -> Callable[[str], None]:
    """Hands text on as `StepOutput` events of one step."""
    return lambda text: emit(StepOutput(at=time.time(), job=node, step=step, text=text))
