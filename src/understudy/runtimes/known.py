"""The runtimes there are, by name, and which of them a run uses unless the user says so."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from understudy.errors import InputError, MachineError
from understudy.runtimes.base import Runtime

if TYPE_CHECKING:
    from understudy.runtimes.oci_settings import OciSettings


def _sandbox() -> Runtime:
    from understudy.runtimes.sandbox import Sandbox  # noqa: PLC0415 - each is loaded only when it is used

    return Sandbox()


def _plain() -> Runtime:
    from understudy.runtimes.plain import Plain  # noqa: PLC0415

    return Plain()


def _docker(settings: "OciSettings | None" = None) -> Runtime:
    from understudy.runtimes.oci import docker  # noqa: PLC0415

    return docker(settings)


def _podman(settings: "OciSettings | None" = None) -> Runtime:
    from understudy.runtimes.oci import podman  # noqa: PLC0415

    return podman(settings)


def _fake() -> Runtime:
    from understudy.runtimes.fake import FakeRuntime  # noqa: PLC0415

    return FakeRuntime()


RUNTIMES: dict[str, Callable[[], Runtime]] = {
    "docker": _docker,
    "podman": _podman,
    "sandbox": _sandbox,
    "plain": _plain,
    "fake": _fake,
}

PREFERENCE = ("docker", "podman", "sandbox", "plain")
"""The first of these that can be used here is used. `fake` runs nothing, so it is never chosen unasked."""


def available(settings: "OciSettings") -> dict[str, Callable[[], Runtime]]:
    """Every runtime, those of container engines with what the user decided about them."""
    engines = {"docker": lambda: _docker(settings), "podman": lambda: _podman(settings)}
    return {**RUNTIMES, **engines}


def choose(wanted: str | None = None, runtimes: Mapping[str, Callable[[], Runtime]] = RUNTIMES) -> Runtime:
    """The runtime called `wanted`, or the first of `PREFERENCE` that can be used here.

    Raises InputError when there is none of that name, MachineError when it can't be used here.
    """
    _insist_on_known(wanted, runtimes)
    reasons = []
    for name in (wanted,) if wanted else (one for one in PREFERENCE if one in runtimes):
        runtime = runtimes[name]()
        reason = runtime.missing()
        if reason is None:
            return runtime
        reasons.append(f"`{name}` can't be used here: {reason}")
    raise MachineError("; ".join(reasons))


def likely(wanted: str) -> Runtime:
    """The runtime called `wanted`; it is not tried. Raises InputError."""
    _insist_on_known(wanted, RUNTIMES)
    return RUNTIMES[wanted]()


def _insist_on_known(wanted: str | None, runtimes: Mapping[str, Callable[[], Runtime]]) -> None:
    if wanted is not None and wanted not in runtimes:
        raise InputError(f"there is no runtime `{wanted}`", hint=f"one of: {', '.join(runtimes)}")
