"""How the memory of a step is shared out between its own container and those of its services.

See https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/#Service-memory-limits.
"""

from collections.abc import Iterable

from understudy.model.pipeline import Text

STEP_MIB = 4096
"""What a step of size 1x has, its services included; a larger size has so much more."""

SERVICE_MIB = 1024
"""What a service has that says nothing else."""

LEAST_MIB = 1024
"""What a step must have besides its services."""

SIZES = {"1x": 1, "2x": 2, "4x": 4, "8x": 8, "16x": 16, "32x": 32}
CPUS = {1: 4.0, 2: 8.0, 4: 8.0, 8: 16.0, 16: 32.0, 32: 64.0}


def whole_mib(size: str) -> int | None:
    """What a step of `size` has with its services; None for an unknown size."""
    return STEP_MIB * SIZES[size] if size in SIZES else None


def left_mib(size: str, services: Iterable[int]) -> int | None:
    """What is left for the step itself, which may be too little or less than none; None for an unknown size."""
    whole = whole_mib(size)
    return None if whole is None else whole - sum(services)


def bound(mib: int, text: Text) -> Text:
    """The option of a service's container that keeps it to `mib`; `text` is what says so."""
    return Text(f"--memory={mib}m", text.at)
