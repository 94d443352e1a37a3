"""Ports that services have under other numbers on the machine."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.model.pipeline import Container, Text
from understudy.runtimes.base import Call, RoomSpec
from understudy.runtimes.oci import Oci
from understudy.runtimes.oci_ports import PERL, PYTHON, Way, ports_elsewhere


def test_which_ports_those_are() -> None:
    ports = ("80", "81:81", "8080:80", "127.0.0.1:8081:81/tcp", "53:5353/udp")
    assert list(
        ports_elsewhere([Container(Text("web"), "web", ports=ports), Container(Text("x"), ports=("1:2",))])
    ) == [
        Way("web", 8080, 80),
        Way("web", 8081, 81),
        Way("x", 1, 2),
    ]


def test_those_of_a_service_with_an_address_of_its_own() -> None:
    services = [Container(Text("a"), "a", ports=("80",)), Container(Text("b"), "b", ports=("8080:80", "81:81"))]
    assert list(ports_elsewhere(services, {1: "10.0.0.7"})) == [
        Way("b", 8080, 80, "10.0.0.7"),
        Way("b", 81, 81, "10.0.0.7"),
    ]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def server() -> Iterator[int]:
    """Answers each caller, once that has said all, with what it said, doubled; its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    caller = door.accept()[0]
                except OSError:
                    return
                with caller:
                    caller.sendall(heard(caller) * 2)

        threading.Thread(target=serve, daemon=True).start()
        yield int(door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("where", ["", ":127.0.0.1"])
@pytest.mark.parametrize("command", [(sys.executable, "-c", PYTHON), ("perl", "-e", PERL, "--")])
def test_what_is_said_at_one_port_is_heard_at_the_other(server: int, command: tuple[str, ...], where: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    outer, said = free_port(), b"x" * 300_000
    program = subprocess.Popen((*command, f"{outer}:{server}{where}"), start_new_session=True)
    try:
        for _ in range(2):
            assert answered(outer, said) == said * 2
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def answered(port: int, said: bytes) -> bytes:
    with connected(port) as caller:

        def say() -> None:
            caller.sendall(said)
            caller.shutdown(socket.SHUT_WR)

        threading.Thread(target=say, daemon=True).start()
        return heard(caller)


def heard(caller: socket.socket) -> bytes:
    """All that the other side says."""
    return b"".join(iter(lambda: caller.recv(65536), b""))


def connected(port: int) -> socket.socket:
    until = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.mark.docker
def test_a_job_on_a_machine_finds_the_service_at_both(on_docker: Oci, scratch: Path) -> None:
    services = (Container(Text("understudy-test/redis:7"), "cache", ports=("7000:6379",)),)
    taken = bytearray()
    with on_docker.open(RoomSpec("ports", scratch, machine=True, services=services)) as room:
        script = "for port in 7000 6379; do redis-cli -h localhost -p $port ping; done"
        ended = room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    assert (ended.code, bytes(taken).split()) == (0, [b"PONG", b"PONG"])


TWO = tuple(
    Container(Text("understudy-test/redis:7"), f"cache-{port}", ports=(f"{port}:6379",)) for port in (7000, 7001)
)


@pytest.mark.docker
def test_two_services_with_the_same_port_are_found_at_their_own(on_docker: Oci, scratch: Path) -> None:
    script = """
        redis-cli -p 7000 set who first; redis-cli -p 7001 set who second
        redis-cli -p 7000 get who; redis-cli -p 7001 get who
        redis-cli -h cache-7000 get who; redis-cli -h cache-7001 get who
    """
    assert said(on_docker, RoomSpec("ports", scratch, machine=True, services=TWO), script) == (
        "OK OK first second first second"
    )


@pytest.mark.docker
def test_a_job_in_a_container_finds_them_by_their_names(on_docker: Oci, scratch: Path) -> None:
    services = tuple(replace(one, ports=()) for one in TWO)
    script = """
        redis-cli -h cache-7001 set who second; redis-cli -h cache-7000 get who; redis-cli -h cache-7001 get who
    """
    spec = RoomSpec("ports", scratch, image="understudy-test/python:3.11", services=services)
    assert said(on_docker, spec, script) == "OK second"


def said(runtime: Oci, spec: RoomSpec, script: str) -> str:
    """What a script prints in a room, its words with a space between."""
    taken = bytearray()
    with runtime.open(spec) as room:
        room.run(Call(("sh", "-c", script), dict(room.env), room.workdir, 60), taken.extend)
    return " ".join(taken.decode().split())
