"""Options of `docker create` that a file gives for a container, as the engine's interface wants them.

https://docs.docker.com/reference/cli/docker/container/create/
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from understudy.model.pipeline import Container
from understudy.runtimes.oci_client import Json

_NANOSECONDS = 1_000_000_000
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SHORT = {"-e": "--env", "-h": "--hostname", "-m": "--memory", "-u": "--user", "-w": "--workdir", "-l": "--label"}
_SWITCHES = frozenset({"--init", "--no-healthcheck", "--privileged", "--read-only", "--rm", "-t", "-i", "-d"})
_MEANINGLESS = frozenset({"--rm", "-t", "-i", "-d", "--name", "--label", "--restart", "--pull", "--network-alias"})
"""What changes nothing here: how the container is called and kept, and names that are made of its alias already."""


@dataclass(slots=True)
class Options:
    """What options come to: `body` and `host` are parts of the engine's JSON; `unknown`: those not applied."""

    body: dict[str, Json] = field(default_factory=dict)
    host: dict[str, Json] = field(default_factory=dict)
    env: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def options_of(text: str, *, cpus: int = 0) -> Options:
    """Reads options as a shell would split them. `cpus`: how many there are, 0 where that isn't known."""
    found = Options()
    for name, value in _split(text):
        try:
            if name not in _MEANINGLESS and not _apply(found, name, value, cpus):
                found.unknown.append(name)
        except ValueError:
            found.unknown.append(f"{name} {value}")
    return found


def checks_health(service: Container) -> bool:
    """Whether the options of a service say how to tell its health."""
    return bool(service.options and "Healthcheck" in options_of(service.options.raw).body)


def mounted(volumes: tuple[str, ...]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Volumes as an engine wants them, all of them new and empty; and the folders of the machine that they aren't.

    `NAME:/there`, `/there` and `/here:/there`, each with `:ro` or not.
    """
    targets: dict[str, Json] = {}
    lost = []
    for one in volumes:
        parts = one.split(":")
        source, target = (parts[0], parts[1]) if len(parts) > 1 and parts[1].startswith("/") else ("", parts[0])
        targets[target] = {}
        if source.startswith(("/", ".", "~")):
            lost.append(source)
    return targets, tuple(lost)


def _split(text: str) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        name = _SHORT.get(name, name)
        if not equals and name not in _SWITCHES and words and not words[0].startswith("-"):
            value = words.pop(0)
        yield name, value


def _apply(found: Options, name: str, value: str, cpus: int) -> bool:
    """Takes one option in; tells whether it is known. Raises ValueError for a value that is none."""
    if name.startswith("--health-") or name == "--no-healthcheck":
        return _health(found, name, value)
    if name == "--env":
        found.env.append(value)
    elif name in _TEXTS:
        found.body[_TEXTS[name]] = [value] if name == "--entrypoint" else value
    elif name in _LISTS:
        found.host.setdefault(_LISTS[name], []).append(value)
    elif name in _AMOUNTS:
        key, amount = _AMOUNTS[name]
        found.host[key] = amount(value)
    elif name == "--cpus":
        wanted = float(value)
        found.host["NanoCpus"] = int((min(wanted, cpus) if cpus else wanted) * _NANOSECONDS)
    elif name == "--tmpfs":
        path, _, how = value.partition(":")
        found.host.setdefault("Tmpfs", {})[path] = how
    elif name == "--ulimit":
        kind, _, bounds = value.partition("=")
        soft, _, hard = bounds.partition(":")
        limit = {"Name": kind, "Soft": int(soft), "Hard": int(hard or soft)}
        found.host.setdefault("Ulimits", []).append(limit)
    elif name in {"--init", "--read-only"}:
        found.host["Init" if name == "--init" else "ReadonlyRootfs"] = True
    else:
        return False
    return True


def _health(found: Options, name: str, value: str) -> bool:
    check = found.body.setdefault("Healthcheck", {})
    if name == "--no-healthcheck":
        check["Test"] = ["NONE"]
    elif name == "--health-cmd":
        check["Test"] = ["CMD-SHELL", value]
    elif name == "--health-retries":
        check["Retries"] = int(value)
    elif name in _HEALTH_TIMES:
        check[_HEALTH_TIMES[name]] = _duration(value)
    else:
        return False
    return True


def _duration(text: str) -> int:
    """Nanoseconds of Go's `1m30s`. Raises ValueError."""
    parts = re.findall(r"([\d.]+)(ns|us|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(text)
    return int(sum(float(number) * _SECONDS[unit] for number, unit in parts) * _NANOSECONDS)


def _size(text: str) -> int:
    """Bytes of `512m`. Raises ValueError."""
    found = re.fullmatch(r"([\d.]+)([bkmg]?)b?", text.lower())
    if found is None:
        raise ValueError(text)
    return int(float(found[1]) * _BYTES[found[2]])


_TEXTS = {"--user": "User", "--hostname": "Hostname", "--workdir": "WorkingDir", "--entrypoint": "Entrypoint"}
_LISTS = {"--add-host": "ExtraHosts", "--cap-drop": "CapDrop", "--group-add": "GroupAdd"}
_AMOUNTS: dict[str, tuple[str, Callable[[str], int]]] = {
    "--memory": ("Memory", _size),
    "--shm-size": ("ShmSize", _size),
    "--pids-limit": ("PidsLimit", int),
}
_HEALTH_TIMES = {
    "--health-interval": "Interval",
    "--health-timeout": "Timeout",
    "--health-start-period": "StartPeriod",
    "--health-start-interval": "StartInterval",
}
