"""What a plan says of this machine without trying any runtime, nor loading one that nobody named."""

import sys
from collections.abc import Callable

from understudy.model.pipeline import Job
from understudy.runtimes.machine import unmet_on


def unmet_likely(name: str | None) -> Callable[[Job], str | None]:
    """Tells why the runtime called `name`, or the likely one, can't perform a job at all. Raises InputError."""
    if name is None:
        return lambda job: unmet_on(sys.platform, job.platform, job.resources)
    from understudy.app.choice import unmet_by  # noqa: PLC0415 - only for who named one
    from understudy.runtimes.known import likely  # noqa: PLC0415

    return unmet_by(likely(name))
