"""Which container engine jobs are given is the user's to decide, by a flag or the environment."""

from pathlib import Path

import pytest

from understudy import config
from understudy.cli import parser
from understudy.errors import InputError

SOCKET, NESTED = "UNDERSTUDY_ALLOW_DOCKER_SOCKET", "UNDERSTUDY_DOCKER_IN_JOBS"


@pytest.mark.parametrize(
    ("flag", "environment", "expected"),
    [
        (None, {}, "none"),
        ("nested", {}, "nested"),
        (None, {NESTED: "nested"}, "nested"),
        (None, {SOCKET: "1"}, "socket"),
        ("none", {SOCKET: "1"}, "none"),
        (None, {SOCKET: "1", NESTED: "none"}, "none"),
    ],
)
def test_a_flag_wins_over_the_environment(
    flag: str | None, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (SOCKET, NESTED):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert config.load(None, {"docker_in_jobs": flag}).containers["in_jobs"] == expected


def test_the_old_flag_is_a_name_for_the_socket() -> None:
    options = parser.build().parse_args(["run", "--allow-docker-socket"])
    assert options.docker_in_jobs == "socket"
    assert parser.build().parse_args(["run", "--docker-in-jobs", "nested"]).docker_in_jobs == "nested"
    assert parser.build().parse_args(["run"]).docker_in_jobs is None


def test_a_value_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NESTED, "both")
    with pytest.raises(InputError, match="`both`, which is none of socket, nested, none"):
        config.load(None, {})


def test_no_file_of_a_repository_decides_it(tmp_path: Path) -> None:
    (tmp_path / "understudy.toml").write_text('docker_in_jobs = "nested"\n')
    with pytest.raises(InputError, match="the user's to decide") as caught:
        config.load(tmp_path, {})
    assert "--docker-in-jobs" in caught.value.hint
