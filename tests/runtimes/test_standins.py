"""What a run is told that was not as on the service; the sudo that stands in; the choice of a runtime."""

import shutil
import subprocess
from pathlib import Path

import pytest

from understudy.errors import InputError, MachineError
from understudy.findings import Position, Severity
from understudy.model.pipeline import Container, Platform, Resources, Text
from understudy.runtimes import known, mounts, standins
from understudy.runtimes.accounts import account_for
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.fake import FakeRuntime
from understudy.runtimes.plain import Plain
from understudy.runtimes.pythons import Interpreter

SUDO = Path(standins.__file__).with_name("sudo.sh")


def spec(**values: object) -> RoomSpec:
    return RoomSpec(name="x", scratch=Path(), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("image", "name", "home"),
    [
        ("cimg/python:3.9", "circleci", "/home/circleci"),
        ("circleci/node:8", "circleci", "/home/circleci"),
        ("python:3.8", "root", "/root"),
        ("ghcr.io/cimg/x:1", "root", "/root"),
        (None, "circleci", "/home/circleci"),
    ],
)
def test_the_image_tells_the_user(image: str | None, name: str, home: str) -> None:
    account = account_for(spec(image=image))
    assert (account.name, account.home, account.number == 0) == (name, home, name == "root")


def test_a_machine_has_the_user_of_its_service() -> None:
    account = account_for(spec(machine_user="runner"))
    assert (account.name, account.home) == ("runner", "/home/runner")
    assert account_for(spec(machine_user="runner", image="python:3.8")).name == "root"
    assert account_for(spec(machine_user="runner", user="me")).home == "/home/me"


def test_the_python_that_stood_in_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standins, "python_of", lambda _: Interpreter("3.11.7", Path("/p/bin/python3"), Path("/p")))
    same, other = (standins.of_image(spec(image=f"cimg/python:{v}"))[0] for v in ("3.11.2", "3.9.16"))
    assert (same.severity, same.message) == (
        Severity.NOTE, "ran on this machine's Python 3.11.7 in place of `cimg/python:3.11.2`",
    )  # fmt: skip
    assert other.severity is Severity.WARNING
    assert "`cimg/python:3.9.16`" in other.message
    assert "3.9.16" in other.hint


def test_each_service_is_named_as_not_performed() -> None:
    at = Position("config.yml", 7, 9)
    services = (Container(Text("postgres:15", at), alias="db"), Container(Text("redis:7", at)))
    found = [one for one in standins.of_image(spec(services=services)) if one.severity is Severity.UNSUPPORTED]
    assert [one.code for one in found] == ["service-not-performed"] * 2
    assert "`db`" in found[0].message
    assert "`redis:7`" in found[1].message
    assert found[0].at == at
    assert "docker" in found[0].hint


def test_a_size_that_is_not_kept_is_one_note_for_all_jobs() -> None:
    notes = {
        one
        for size in (Resources(cpus=2), Resources(cpus=4, memory_mib=8192), Resources())
        for one in standins.of_image(spec(image="python:3.11", resources=size))
        if one.code == "limits-not-applied"
    }
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("system", "platform", "met"),
    [
        ("linux", Platform.LINUX, True),
        ("linux", Platform.MACOS, False),
        ("darwin", Platform.MACOS, True),
        ("linux", Platform.WINDOWS, False),
    ],
)
def test_a_platform_that_is_not_here_is_unmet(system: str, platform: Platform, *, met: bool) -> None:
    assert (standins.unmet_here(spec(platform=platform), system) is None) == met


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_here_is_unmet() -> None:
    assert "GPU" in str(Plain().unmet(spec(resources=Resources(gpus=1))))


def test_a_room_without_walls_says_so() -> None:
    codes = {one.code: one.severity for one in Plain().stands_in(spec(network=False))}
    assert codes["no-walls"] is Severity.WARNING
    assert codes["network-not-cut"] is Severity.UNSUPPORTED


class Missing(FakeRuntime):
    def missing(self) -> str | None:
        return "it is not there; install it"


def test_the_first_that_works_is_chosen_and_never_the_fake_unasked() -> None:
    runtimes = {"sandbox": Missing, "plain": Plain, "fake": FakeRuntime}
    assert known.choose(None, runtimes).name == "plain"
    assert known.choose("fake", runtimes).name == "fake"
    with pytest.raises(MachineError, match="it is not there; install it"):
        known.choose("sandbox", runtimes)
    with pytest.raises(MachineError, match="it is not there; install it"):
        known.choose(None, {"sandbox": Missing, "plain": Missing})
    with pytest.raises(InputError, match="podmann"):
        known.choose("podmann", runtimes)


@pytest.mark.skipif(shutil.which("dash") is None and shutil.which("sh") is None, reason="no shell")
@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (("echo", "-n", "hi"), "hi"),
        (("-E", "echo", "hi"), "hi\n"),
        (("-H", "-n", "--", "echo", "-u"), "-u\n"),
        (("-u", "root", "echo", "a"), "a\n"),
        (("-uroot", "echo", "a"), "a\n"),
        (("-Eu", "root", "-g", "root", "echo", "a"), "a\n"),
        (("--user=root", "--preserve-env=A,B", "echo", "a"), "a\n"),
        (("A=b c", "D=", "sh", "-c", 'echo "$A$D"'), "b c\n"),
        (("-i", "echo", "shell"), "shell\n"),
        (("-s", "--", "echo", "shell"), "shell\n"),
        (("-v",), ""),
        (("-nE", "printf", "%s|", "a b", "*"), "a b|*|"),
    ],
)
def test_the_sudo_that_stands_in(given: tuple[str, ...], printed: str) -> None:
    done = subprocess.run(("/bin/sh", str(SUDO), *given), capture_output=True, text=True, check=True, env={
        "PATH": "/usr/bin:/bin",
    })  # fmt: skip
    assert done.stdout == printed


def test_the_sudo_that_stands_in_keeps_the_exit_status() -> None:
    done = subprocess.run(("/bin/sh", str(SUDO), "-E", "sh", "-c", "exit 7"), check=False)
    assert done.returncode == 7


MOUNTINFO = r"""
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
23 22 0:21 / /proc rw - proc proc rw
24 22 254:2 / /home rw - ext4 /dev/vda2 rw
25 22 254:3 / /usr rw - ext4 /dev/vda3 rw
26 22 254:4 / /var/lib/with\040space rw master:3 - xfs /dev/vdb rw
27 22 254:1 /etc/hosts /etc/hosts rw - ext4 /dev/vda1 rw
28 22 0:30 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw
29 22 0:31 / /opt/gone rw - autofs systemd-1 rw
""".strip()


def test_what_is_mounted_below_the_system_folders_is_found() -> None:
    found = mounts.nested_mounts(MOUNTINFO)
    assert "/var/lib/with space" in found
    assert "/etc/hosts" in found
    assert not {"/", "/proc", "/home", "/usr", "/opt/gone"} & set(found)
