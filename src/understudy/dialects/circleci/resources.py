"""CircleCI's resource classes: what a hosted size gives, by its label and the kind of executor."""

from dataclasses import dataclass, replace

from understudy.model.pipeline import Platform, Resources, Text


@dataclass(frozen=True, slots=True)
class _Size:
    cpus: float
    memory_gib: float
    gpus: int = 0


_DOCKER = {
    "small": _Size(1, 2),
    "medium": _Size(2, 4),
    "medium+": _Size(3, 6),
    "large": _Size(4, 8),
    "xlarge": _Size(8, 16),
    "2xlarge": _Size(16, 32),
    "2xlarge+": _Size(20, 40),
}
_MACHINE = {
    "medium": _Size(2, 7.5),
    "large": _Size(4, 15),
    "xlarge": _Size(8, 32),
    "2xlarge": _Size(16, 64),
    "2xlarge+": _Size(32, 64),
}
_MACHINE_NEWER = {
    "medium": _Size(2, 8),
    "large": _Size(4, 16),
    "xlarge": _Size(8, 32),
    "2xlarge": _Size(16, 64),
    "2xlarge+": _Size(32, 128),
}
_ARM = {
    "arm.medium": _Size(2, 8),
    "arm.large": _Size(4, 16),
    "arm.xlarge": _Size(8, 32),
    "arm.2xlarge": _Size(16, 64),
}
_GPU = {
    "gpu.nvidia.small": _Size(4, 16, 1),
    "gpu.nvidia.small.gen2": _Size(4, 16, 1),
    "gpu.nvidia.small.multi": _Size(4, 15, 2),
    "gpu.nvidia.medium": _Size(8, 30, 1),
    "gpu.nvidia.medium.multi": _Size(8, 30, 4),
    "gpu.nvidia.large": _Size(8, 30, 1),
}
_WINDOWS = {
    "windows.medium": _Size(4, 16),
    "windows.large": _Size(8, 32),
    "windows.xlarge": _Size(16, 64),
    "windows.2xlarge": _Size(32, 128),
    "windows.gpu.nvidia.medium": _Size(16, 60, 1),
}
_MACOS = {"m4pro.medium": _Size(6, 28), "m4pro.large": _Size(12, 56)}

_TABLES: dict[str, dict[str, _Size]] = {
    "docker": _DOCKER | _ARM | {f"{label}.gen2": size for label, size in _DOCKER.items()},
    "machine": _MACHINE
    | _ARM
    | _GPU
    | _WINDOWS
    | {f"{label}.{newer}": size for label, size in _MACHINE_NEWER.items() for newer in ("gen2", "gen3")},
    "macos": _MACOS,
    "windows": _WINDOWS,
}


def resources_of(label: Text | None, executor_kind: str) -> Resources:
    """What the class `label` gives a job whose executor is `docker`, `machine`, `macos` or `windows`.

    A label that the service's tables do not have (a self-hosted runner's, a retired one) gives a size of None.
    See https://circleci.com/docs/reference/configuration-reference/#resourceclass.
    """
    found = Resources(label=label)
    size = _TABLES.get(executor_kind, {}).get(label.raw) if label else None
    if size is None:
        return found
    return replace(found, cpus=float(size.cpus), memory_mib=int(size.memory_gib * 1024), gpus=size.gpus)


def is_known(label: str, executor_kind: str) -> bool:
    """Whether the service's tables have `label` for this kind of executor."""
    return label in _TABLES.get(executor_kind, {})


def labels(executor_kind: str) -> tuple[str, ...]:
    """The classes that the service's tables have for this kind of executor."""
    return tuple(_TABLES.get(executor_kind, {}))


def is_self_hosted(label: str) -> bool:
    """Whether `label` is a self-hosted runner's: `namespace/name`.

    See https://circleci.com/docs/reference/configuration-reference/#self-hosted-runner.
    """
    namespace, slash, name = label.partition("/")
    return bool(namespace and slash and name and "/" not in name)


def platform_of(label: str, executor_kind: str) -> Platform:
    """The operating system that a class runs: by its executor, or by `windows.` at its head."""
    if executor_kind == "windows" or label.startswith("windows."):
        return Platform.WINDOWS
    return Platform.MACOS if executor_kind == "macos" else Platform.LINUX


def architecture_of(label: str, executor_kind: str) -> str:
    """`arm64` or `amd64`."""
    return "arm64" if label.startswith("arm.") or executor_kind == "macos" else "amd64"
