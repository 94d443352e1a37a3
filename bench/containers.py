"""What steps, rooms and checkouts cost in Docker, beside the engine's own client doing the same."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import Bench, Row, Skipped, in_turns
from understudy.runtimes.base import Call, Room, RoomSpec, Tree
from understudy.runtimes.oci import Oci, docker
from understudy.runtimes.oci_settings import OciSettings, Pull

IMAGE = "understudy-test/root"
USERS_IMAGE = "understudy-test/python:3.11"
"""Its user isn't root."""
STEPS, AT_ONCE = 50, 8
FILES, FILE_BYTES = 2750, 27_300
"""75 MB in all."""


def _engine() -> Oci | str:
    runtime = docker(OciSettings(pull=Pull.NEVER))
    if reason := runtime.missing():
        return reason
    if any(runtime.engine.images.present(image) is None for image in (IMAGE, USERS_IMAGE)):
        return "its images aren't made: scripts/test-images"
    runtime.engine.host()
    return runtime


def containers(bench: Bench) -> Sequence[Row | Skipped]:
    """Steps against `bash -c true` in a container that runs; small jobs and trees against `docker run`."""
    runtime = _engine()
    if isinstance(runtime, str):
        return [Skipped("rooms in Docker", runtime)]
    return [*_steps(runtime, bench), *_jobs(runtime, bench), *_trees(runtime, bench)]


def _call(room: Room, script: str) -> Call:
    return Call(("bash", "-c", script), dict(room.env), room.workdir)


def _steps(runtime: Oci, bench: Bench) -> list[Row]:
    with runtime.open(RoomSpec("bench", bench.new_folder("room"), IMAGE)) as room:
        loop = f"for i in $(seq {STEPS}); do bash -c true; done"

        def many() -> float:
            asked = _call(room, "true")
            began = time.perf_counter()
            for _ in range(STEPS):
                room.run(asked, lambda _: None)
            return (time.perf_counter() - began) / STEPS

        def inside() -> float:
            began = time.perf_counter()
            room.run(_call(room, loop), lambda _: None)
            return (time.perf_counter() - began) / STEPS

        ours, plain = in_turns(7, many, inside)
    note = f"{ours * 1e3:.1f} ms a step; `bash -c true` in the same container {plain * 1e3:.1f} ms"
    return [Row("Docker: a `true` step, over `bash -c true` inside", (ours - plain) * 1e3, "ms", 5, note=note)]


def _job(runtime: Oci, bench: Bench) -> float:
    began = time.perf_counter()
    with runtime.open(RoomSpec("bench", bench.new_folder("room"), IMAGE)) as room:
        room.run(_call(room, "true"), lambda _: None)
    return time.perf_counter() - began


def _docker_run() -> float:
    began = time.perf_counter()
    subprocess.run(("docker", "run", "--rm", IMAGE, "true"), check=True, capture_output=True)
    return time.perf_counter() - began


def _at_once(action: Callable[[], float]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: action(), range(AT_ONCE)))
    return time.perf_counter() - began


def _jobs(runtime: Oci, bench: Bench) -> list[Row]:
    ours, plain = in_turns(7, lambda: _job(runtime, bench), _docker_run)
    ours_8, plain_8 = in_turns(3, lambda: _at_once(lambda: _job(runtime, bench)), lambda: _at_once(_docker_run))
    return [
        Row("Docker: a small job, in `docker run --rm`", ours / plain, "x", 1.3, note=_both(ours, plain)),
        Row(f"Docker: {AT_ONCE} at once, in {AT_ONCE} `docker run`", ours_8 / plain_8, "x", 1.3,
            note=_both(ours_8, plain_8)),
    ]  # fmt: skip


def _both(ours: float, theirs: float) -> str:
    return f"{ours * 1e3:.0f} ms; `docker run` {theirs * 1e3:.0f} ms"


def _trees(runtime: Oci, bench: Bench) -> list[Row]:
    full, empty = bench.new_folder("full"), bench.new_folder("empty")
    for number in range(FILES):
        folder = full / f"{number % 50}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}").write_bytes(b"x" * FILE_BYTES)

    def start(image: str, source: Path) -> float:
        spec = RoomSpec("bench", Path(tempfile.mkdtemp(dir=bench.folder)), image, trees=(Tree(source, "~/project"),))
        began = time.perf_counter()
        with runtime.open(spec):
            return time.perf_counter() - began

    def row(image: str, what: str) -> Row:
        ours, nothing = in_turns(5, lambda: start(image, full), lambda: start(image, empty))
        note = f"{ours * 1e3:.0f} ms to the first step; {nothing * 1e3:.0f} ms with an empty tree"
        name = f"Docker: a tree of {FILES} files, 75 MB, over an empty one{what}"
        return Row(name, (ours - nothing) * 1e3, "ms", 50, note=note)

    return [row(IMAGE, ""), row(USERS_IMAGE, ", for a user")]
