"""What holds for every test, and what tests of several folders need."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from understudy.runtimes.oci import Oci, docker

# A busy machine is no failure: what must end has a timeout of its own.
settings.register_profile("understudy", deadline=None)
settings.load_profile("understudy")


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Tells a port of the loopback that nobody listens on."""

    def found() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port: int = listener.getsockname()[1]
            return port

    return found


@pytest.fixture(scope="session")
def docker_with() -> Callable[..., Oci]:
    """Gives Docker's engine with these images, that `scripts/test-images` makes; without it the test is skipped."""

    def engine(*names: str) -> Oci:
        runtime = docker()
        reason = runtime.missing()
        if reason is None and any(runtime.engine.images.present(name) is None for name in names):
            reason = "its images aren't made: scripts/test-images"
        if reason and os.environ.get("UNDERSTUDY_TESTS_NEED_DOCKER"):
            pytest.fail(f"the tests of Docker must run, and there is no docker: {reason}")
        if reason:
            pytest.skip(f"no docker: {reason}")
        return runtime

    return engine


@pytest.fixture(scope="module")
def start_registry(free_port: Callable[[], int]) -> Iterator[Callable[..., str]]:
    """Starts a real registry on the loopback, with its files in a folder and lines of configuration; its address."""
    program = shutil.which("docker-registry")
    if program is None:
        reason = "no docker-registry here (Debian: apt install docker-registry)"
        (pytest.fail if os.environ.get("UNDERSTUDY_TESTS_NEED_DOCKER") else pytest.skip)(reason)
    with ExitStack() as running:

        def start(folder: Path, *lines: str) -> str:
            address = f"127.0.0.1:{free_port()}"
            storage = f"storage: {{filesystem: {{rootdirectory: '{folder}/data'}}}}"
            head = ("version: 0.1", "log: {level: error}", storage, f"http: {{addr: '{address}'}}")
            (folder / "config.yml").write_text("\n".join((*head, *lines, "")))
            command = (program, "serve", str(folder / "config.yml"))
            process = running.enter_context(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            running.callback(process.terminate)
            _await(f"http://{address}/v2/")
            return address

        yield start


def _await(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.HTTPError as error:  # it answers, and wants a login
            error.close()
        except OSError:
            time.sleep(0.05)
            continue
        return
    pytest.fail(f"nothing answers at {url}")
