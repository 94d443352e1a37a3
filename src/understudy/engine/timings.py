"""How long tests took before this run, looked up once a job: shares of one job must split by the same times."""

import threading
from collections.abc import Mapping

from understudy.engine.given import Given


class Times:
    """What the store knew of each job's tests when the run first asked. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[str, float]] = {}

    def of(self, given: Given, job: str) -> Mapping[str, float]:
        """Seconds by test, the same at every call, whatever the run itself records. Raises StoreError."""
        with self._lock:
            if job not in self._known:
                self._known[job] = dict(given.timings.of(given.project, job))
            return self._known[job]
