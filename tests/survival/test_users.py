"""Runs of an ordinary user: in the sandbox where the kernel lets that user make one, else without walls, told so."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import SOURCE, House

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"),
    reason="becomes another user of Linux, as root, by setpriv",
)

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", 'exec "$@"', "sh")
"""Through a shell, since what root's own powers let `setpriv` start, the user may not be able to start again."""
NO_NAMESPACES = ("unshare", "--user", "--map-root-user", "sh", "-c")
"""In a namespace of users of its own, whose limits are nobody else's."""
POWERLESS = 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all -- "$@"'
STEPS = """
- checkout
- restore_cache: {keys: [kept]}
- run: "test -f .circleci/config.yml; mkdir -p kept; id -u >kept/id; setsid sleep 600 & echo done"
- save_cache: {key: kept, paths: [kept]}
- store_artifacts: {path: kept}
"""


def python_of_all() -> str:
    """A Python that others may run, of the version whose libraries are at hand; skips where there is none."""
    probe = "import sys, yaml, rich; print(*sys.version_info[:2])"
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with_libraries = {"PYTHONPATH": libraries(), "PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        done = subprocess.run(
            (*NOBODY, candidate, "-c", probe), env=with_libraries, cwd="/", capture_output=True, text=True, check=False
        )
        if not done.returncode and done.stdout.split() == [str(part) for part in sys.version_info[:2]]:
            return candidate
    pytest.skip("no Python of this version here that another user may run")


def libraries() -> str:
    found = [importlib.util.find_spec(name) for name in ("yaml", "rich")]
    folders = [str(Path(one.origin).parents[1]) for one in found if one and one.origin]
    return ":".join((str(SOURCE), *dict.fromkeys(folders)))


@pytest.fixture
def house() -> Iterator[House]:
    """A house of the user nobody."""
    python = python_of_all()
    folder = Path(tempfile.mkdtemp(prefix="understudy-users-"))
    try:
        with House(folder, python=python) as made:
            made.prefix = NOBODY
            made.env |= {"PYTHONPATH": libraries(), "PYTHONDONTWRITEBYTECODE": "1", "USER": "nobody"}
            made.env |= {"DOCKER_HOST": "unix:///nonexistent", "CONTAINER_HOST": "unix:///nonexistent"}
            del made.env["UNDERSTUDY_RUNTIME"]
            made.steps(STEPS)
            for parent, names, files in os.walk(folder):
                for name in (".", *names, *files):
                    os.lchown(Path(parent, name), 65534, 65534)
            yield made
    finally:
        shutil.rmtree(folder)


def performed(house: House) -> tuple[str, str, str]:
    """The runtime of two runs, of which the second finds the first one's cache, and what the second said."""
    events: list[dict[str, Any]] = []
    for done in (house.told("run", "--json"), house.told("run", "--json")):
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        events = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(one["class"] == "CacheUsed" and one["action"] == "restore" and one["found"] for one in events)
    house.assert_nothing_lives()
    assert house.scratch() == []
    assert list(house.temporary.iterdir()) == []
    house.assert_whole()
    codes = " ".join(one["finding"]["code"] for one in events if one["class"] == "Noticed")
    return events[0]["runtime"], codes, house.told("doctor").stdout


def allowed(*command: str) -> bool:
    return not subprocess.run((*NOBODY, *command), cwd="/", capture_output=True, check=False).returncode


def test_an_ordinary_user_has_a_sandbox_where_the_kernel_allows_it(house: House) -> None:
    runtime, codes, _ = performed(house)
    if not allowed("unshare", "--user", "--map-root-user", "--mount", "true"):
        assert runtime == "plain"
        pytest.skip("this kernel gives ordinary users no namespaces")
    assert runtime == "sandbox"
    assert "no-root" in codes


def test_an_ordinary_user_without_namespaces_has_no_walls_and_is_told(house: House) -> None:
    """No namespaces of users, and no powers: as in a container that was given none."""
    if not allowed(*NO_NAMESPACES, POWERLESS, "sh", "true"):
        pytest.skip("this kernel gives ordinary users no namespaces to try it in")
    house.prefix = (*NOBODY, *NO_NAMESPACES, POWERLESS, "sh")
    runtime, codes, doctor = performed(house)
    assert runtime == "plain"
    assert "no-walls" in codes
    assert "runtime plain: ready" in doctor
    assert "runtime sandbox: ready" not in doctor


def test_root_without_powers_is_no_root(house: House) -> None:
    """Root in a container without CAP_SYS_ADMIN: a sandbox as an ordinary user's, or none; it works in any case."""
    house.prefix = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    for parent, names, files in os.walk(house.project.parent):
        for name in (".", *names, *files):
            os.lchown(Path(parent, name), 0, 0)
    runtime, codes, _ = performed(house)
    assert (runtime, "no-root" in codes, "no-walls" in codes) in {("sandbox", True, False), ("plain", False, True)}
