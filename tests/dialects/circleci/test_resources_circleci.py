"""Resource classes, by CircleCI's tables of them."""

import pytest

from understudy.dialects.circleci.resources import architecture_of, is_known, is_self_hosted, platform_of, resources_of
from understudy.model.pipeline import Platform, Resources, Text


@pytest.mark.parametrize(
    ("label", "kind", "cpus", "memory_mib", "gpus"),
    [
        ("small", "docker", 1, 2048, 0),
        ("medium+", "docker", 3, 6144, 0),
        ("2xlarge+", "docker", 20, 40960, 0),
        ("large.gen2", "docker", 4, 8192, 0),
        ("arm.large", "docker", 4, 16384, 0),
        ("medium", "machine", 2, 7680, 0),
        ("2xlarge+", "machine", 32, 65536, 0),
        ("large.gen2", "machine", 4, 16384, 0),
        ("large.gen3", "machine", 4, 16384, 0),
        ("arm.2xlarge", "machine", 16, 65536, 0),
        ("gpu.nvidia.medium", "machine", 8, 30720, 1),
        ("gpu.nvidia.medium.multi", "machine", 8, 30720, 4),
        ("windows.medium", "machine", 4, 16384, 0),
        ("windows.gpu.nvidia.medium", "windows", 16, 61440, 1),
        ("m4pro.large", "macos", 12, 57344, 0),
    ],
)
def test_sizes(label: str, kind: str, cpus: float, memory_mib: int, gpus: int) -> None:
    text = Text(label)
    assert resources_of(text, kind) == Resources(text, cpus, memory_mib, gpus)
    assert is_known(label, kind)


@pytest.mark.parametrize(("label", "kind"), [("team/runner", "machine"), ("small", "machine"), ("medium", "moon")])
def test_an_unknown_class_has_no_size(label: str, kind: str) -> None:
    text = Text(label)
    assert resources_of(text, kind) == Resources(label=text)
    assert not is_known(label, kind)


def test_no_class_has_no_size() -> None:
    assert resources_of(None, "docker") == Resources()


def test_self_hosted() -> None:
    assert is_self_hosted("my-namespace/my-runner")
    assert not any(map(is_self_hosted, ("large", "/x", "x/", "a/b/c", "")))


def test_platforms() -> None:
    assert platform_of("windows.large", "machine") is Platform.WINDOWS
    assert platform_of("m4pro.medium", "macos") is Platform.MACOS
    assert platform_of("large", "machine") is Platform.LINUX
    assert (architecture_of("arm.medium", "docker"), architecture_of("large", "docker")) == ("arm64", "amd64")
