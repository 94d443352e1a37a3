"""What `runtimes/base.py` promises, asked of every runtime that runs something."""

import contextlib
import io
import os
import shutil
import signal
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from understudy.errors import RoomError
from understudy.runtimes.base import Call, Exit, Reason, Room, RoomSpec, Runtime, Tree
from understudy.runtimes.oci_exec import ExecRoom
from understudy.runtimes.plain import Plain
from understudy.runtimes.sandbox import Sandbox
from understudy.runtimes.sandbox_room import SandboxRoom

RUN_S = 60.0


@pytest.fixture(scope="session")
def sandbox() -> Runtime:
    runtime = Sandbox()
    if reason := runtime.missing():
        pytest.skip(f"no sandbox: {reason}")
    return runtime


@pytest.fixture(scope="session")
def sandbox_of_user() -> Runtime:
    """The sandbox as an ordinary user has it, whoever runs the tests."""
    runtime = Sandbox()
    runtime._tried = runtime._as_user = True
    with contextlib.ExitStack() as stack:
        scratch = Path("/tmp") / f"understudy-test-{uuid.uuid4().hex}"
        scratch.mkdir()
        stack.callback(shutil.rmtree, scratch)
        try:
            stack.enter_context(runtime.open(RoomSpec(name="try", scratch=scratch)))
        except Exception as failure:  # noqa: BLE001 - whatever it is, the reason is shown
            pytest.skip(f"no sandbox for ordinary users: {failure}")
    return runtime


@pytest.fixture(
    params=[
        pytest.param("sandbox", marks=pytest.mark.sandbox),
        pytest.param("sandbox_of_user", marks=pytest.mark.sandbox),
        "plain",
        pytest.param("on_docker", marks=pytest.mark.docker),
        pytest.param("on_docker_elsewhere", marks=[pytest.mark.docker, pytest.mark.slow]),
        pytest.param("on_podman", marks=pytest.mark.podman),
    ]
)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    if request.param == "plain":
        return Plain()
    found: Runtime = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def new_scratch(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    made: list[Path] = []

    def make() -> Path:
        folder = tmp_path / f"scratch {len(made)}"
        folder.mkdir()
        made.append(folder)
        return folder

    yield make
    for folder in made:
        assert list(folder.iterdir()) == [], "a room left something behind"


@pytest.fixture
def room(runtime: Runtime, new_scratch: Callable[[], Path]) -> Iterator[Room]:
    with runtime.open(RoomSpec(name="test-room", scratch=new_scratch(), image="cimg/base:2024.01")) as opened:
        yield opened


class Shell:
    """Runs scripts in a room and keeps what they print."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def exit(self, script: str, **limits: float) -> tuple[Exit, str]:
        taken = bytearray()
        limits.setdefault("timeout_s", RUN_S)
        argv, env = ("/bin/sh", "-c", script), dict(self.room.env)
        call = Call(argv, env, self.room.workdir, limits.get("timeout_s"), limits.get("no_output_timeout_s"))
        return self.room.run(call, taken.extend), taken.decode(errors="surrogateescape")

    def __call__(self, script: str) -> str:
        """What `script` prints; it must succeed."""
        ended, output = self.exit(script)
        assert ended.code == 0, (ended, output)
        return output


@pytest.fixture
def shell(room: Room) -> Shell:
    return Shell(room)


def processes_with(mark: str) -> list[int]:
    """The live processes of this machine whose arguments or environment bear `mark`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            state = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if mark.encode() in text and state not in "ZX" and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def skip_without_agent(room: Room) -> None:
    if isinstance(room, ExecRoom):
        pytest.skip("an engine elsewhere is entered for each call: there is no agent")


NAMES = ("plain.txt", "with space.txt", "ünïcode 🎭.txt", "-dash", "quote'\"s", "back\\slash", "new\nline", "$HOME;ls")


def call(room: Room, *argv: str, env: dict[str, str] | None = None, workdir: str | None = None) -> Call:
    return Call(argv, dict(room.env) if env is None else env, workdir or room.workdir, timeout_s=60)


def taken(room: Room, asked: Call) -> tuple[Exit, bytes]:
    output = bytearray()
    return room.run(asked, output.extend), bytes(output)


def until(true: Callable[[], bool], timeout_s: float = 20) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("status", [0, 1, 7, 127, 255])
def test_the_exit_status_is_the_process_own(shell: Shell, status: int) -> None:
    assert shell.exit(f"exit {status}")[0] == Exit(status, Reason.EXITED)


@pytest.mark.parametrize("name", ["TERM", "KILL", "INT", "SEGV"])
def test_a_signal_is_told_as_a_shell_tells_it(shell: Shell, name: str) -> None:
    expected = 128 + getattr(signal, f"SIG{name}")
    assert shell.exit(f"kill -{name} $$")[0] == Exit(expected, Reason.EXITED)


def test_no_such_program_is_127(room: Room) -> None:
    ended, output = taken(room, call(room, "no-such-program-here"))
    assert ended == Exit(127, Reason.EXITED)
    assert b"no-such-program-here" in output


def test_no_such_folder_fails_the_call(room: Room) -> None:
    ended, output = taken(room, call(room, "true", workdir="~/nowhere"))
    assert ended.code not in {0, None}
    assert b"nowhere" in output


def test_the_environment_is_exactly_what_was_given(room: Room) -> None:
    given = {"A": "1", "WITH SPACE": "x y", "QUOTES": "'\"$(id)`id`\\", "LINES": "a\nb", "EMPTY": "", "ÜNI": "🎭"}
    _, output = taken(room, call(room, "/usr/bin/env", "-0", env=given))
    assert dict(line.split("=", 1) for line in output.decode().split("\0")[:-1]) == given


def test_nothing_of_our_own_environment_comes_in(runtime: Runtime, new_scratch: Callable[[], Path],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("MY_SECRET", "do-not-tell")
    with runtime.open(RoomSpec(name="env", scratch=new_scratch())) as room:
        assert "do-not-tell" not in Shell(room)("env; cat /proc/$PPID/environ 2>/dev/null | tr '\\0' '\\n'")


def test_arguments_arrive_as_they_are(room: Room) -> None:
    words = ("a b", "", "'", '"', "$HOME", "*", "\\n", "🎭", "line\nbreak", "-n", "x=y")
    _, output = taken(room, call(room, "/usr/bin/printf", "[%s]\\0", *words))
    assert output.decode().split("\0")[:-1] == [f"[{word}]" for word in words]


def test_a_program_whose_name_holds_an_equals_sign(shell: Shell, room: Room) -> None:
    shell("printf '#!/bin/sh\\necho ran' >a=b; chmod +x a=b")
    assert taken(room, call(room, f"{room.workdir}/a=b")) == (Exit(0, Reason.EXITED), b"ran\n")


def test_home_and_the_working_directory_are_there(room: Room, shell: Shell) -> None:
    assert shell('pwd; echo "$HOME"; cd; pwd').splitlines() == [room.workdir, room.home, room.home]
    assert room.workdir == f"{room.home}/project"
    assert taken(room, call(room, "pwd", workdir="~"))[1].decode() == f"{room.home}\n"


def test_an_absolute_working_directory_is_made(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    with runtime.open(RoomSpec(name="wd", scratch=new_scratch(), workdir="/work-of-job/a b")) as room:
        assert Shell(room)("pwd; touch here; ls").split("\n")[1] == "here"
    assert not Path("/work-of-job").exists()


def test_standard_input_is_empty(shell: Shell) -> None:
    assert shell("wc -c </dev/stdin; cat") == "0\n"


def test_output_and_errors_come_in_one_stream_in_order(shell: Shell) -> None:
    script = "i=0; while [ $i -lt 200 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done"
    assert shell(script).split() == [word for n in range(200) for word in (f"out{n}", f"err{n}")]


def test_large_output_loses_nothing(room: Room) -> None:
    count, size = 0, 50_000_000

    def sink(chunk: bytes) -> None:
        nonlocal count
        assert chunk.strip(b"x") == b""
        count += len(chunk)

    script = f"head -c {size} /dev/zero | tr '\\0' x"
    assert room.run(call(room, "/bin/sh", "-c", script), sink).code == 0
    assert count == size


def test_output_comes_while_the_call_runs(room: Room, shell: Shell) -> None:
    first = threading.Event()

    def sink(chunk: bytes) -> None:
        if b"first" in chunk:
            first.set()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(
            room.run, call(room, "/bin/sh", "-c", "echo first; until [ -e go ]; do sleep .01; done"), sink
        )
        assert first.wait(20)
        assert not done.done()
        shell("touch go")
        assert done.result(20).code == 0


def test_several_calls_run_at_once(room: Room) -> None:
    # Each waits for all the others, so that none could end if they came one after another.
    script = "touch here.$0; until [ -e here.0 ] && [ -e here.1 ] && [ -e here.2 ]; do sleep .01; done; echo $0"
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda n: taken(room, call(room, "/bin/sh", "-c", script, str(n))), range(3)))
    assert ended == [(Exit(0, Reason.EXITED), f"{n}\n".encode()) for n in range(3)]


def test_a_hundred_calls_in_a_row(room: Room) -> None:
    assert [taken(room, call(room, "/bin/echo", str(n)))[1] for n in range(100)] == [
        f"{n}\n".encode() for n in range(100)
    ]


def test_a_call_is_a_group_of_its_own_with_no_signal_ignored(shell: Shell) -> None:
    fields = shell("cat /proc/$$/stat").rpartition(")")[2].split()
    number = shell("echo $$")
    assert number.strip().isdecimal()
    group, session = fields[2], fields[3]
    assert group == session
    ignored = shell("grep SigIgn /proc/$$/status").split()[1]
    # Signals 32 and 33 are the C library's own; whoever is started by its posix_spawn (make, for one) has them ignored.
    assert int(ignored, 16) & ~(0b11 << 31) == 0


def test_a_call_that_leaves_something_in_the_background_returns(shell: Shell) -> None:
    mark = uuid.uuid4().hex
    assert shell(f"echo before; (MARK={mark} sleep 600) & echo after") == "before\nafter\n"
    assert processes_with(mark)


def test_what_stays_in_the_background_can_go_on_printing(shell: Shell) -> None:
    shell("(i=0; while [ $i -lt 9000 ]; do echo a line that fills pipes $i; i=$((i+1)); done; touch done) &")
    assert until(lambda: "done" in shell("ls"))


def test_a_timeout_ends_grandchildren(shell: Shell) -> None:
    mark = uuid.uuid4().hex
    ended, output = shell.exit(f"sh -c 'MARK={mark} sleep 600 & MARK={mark} sleep 600'; echo no", timeout_s=0.5)
    assert ended == Exit(None, Reason.TIMEOUT)
    assert "no" not in output
    assert until(lambda: not processes_with(mark))


@pytest.mark.slow
def test_a_timeout_ends_what_ignores_the_first_signal(shell: Shell) -> None:
    mark = uuid.uuid4().hex
    script = f"trap '' TERM; export MARK={mark}; while :; do sleep 1; done"
    assert shell.exit(script, timeout_s=0.3)[0] == Exit(None, Reason.TIMEOUT)
    assert until(lambda: not processes_with(mark))


def test_silence_ends_a_call_and_noise_does_not(shell: Shell) -> None:
    noisy = "for i in 1 2 3 4 5 6; do echo $i; sleep .3; done"
    assert shell.exit(noisy, no_output_timeout_s=1.5)[0] == Exit(0, Reason.EXITED)
    ended, output = shell.exit("echo once; sleep 600", no_output_timeout_s=0.5)
    assert (ended, output) == (Exit(None, Reason.NO_OUTPUT), "once\n")


def test_stop_ends_what_runs_and_later_calls_work(room: Room, shell: Shell) -> None:
    room.stop(grace_s=0)
    started = threading.Semaphore(0)
    asked = call(room, "/bin/sh", "-c", "echo started; sleep 600")
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(room.run, asked, lambda _: started.release()) for _ in range(2)]
        assert all(started.acquire(timeout=20) for _ in calls)
        room.stop(grace_s=10)
        assert [done.result(20) for done in calls] == [Exit(None, Reason.STOPPED)] * 2
    room.stop(grace_s=0)
    assert shell("echo on") == "on\n"


def test_stop_may_end_one_call_alone(room: Room, shell: Shell) -> None:
    started = threading.Semaphore(0)
    one, other = (call(room, "/bin/sh", "-c", "echo started; sleep 600") for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        ended, goes_on = (pool.submit(room.run, asked, lambda _: started.release()) for asked in (one, other))
        assert all(started.acquire(timeout=20) for _ in range(2))
        room.stop(grace_s=10, call=one)
        assert ended.result(20) == Exit(None, Reason.STOPPED)
        assert not goes_on.done()
        room.stop(grace_s=10, call=one)
        room.stop(grace_s=10, call=other)
        assert goes_on.result(20) == Exit(None, Reason.STOPPED)
    assert shell("echo on") == "on\n"


def test_stop_ends_what_ignores_the_first_signal(room: Room) -> None:
    started = threading.Event()
    asked = call(room, "/bin/sh", "-c", "trap '' TERM; echo started; while :; do sleep 1; done")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(room.run, asked, lambda _: started.set())
        assert started.wait(20)
        room.stop(grace_s=0.2)
        assert done.result(20) == Exit(None, Reason.STOPPED)


def test_a_sink_that_fails_ends_the_call(room: Room, shell: Shell) -> None:
    def sink(chunk: bytes) -> None:
        raise ValueError(chunk.decode())

    mark = uuid.uuid4().hex
    with pytest.raises(ValueError, match="boo"):
        room.run(call(room, "/bin/sh", "-c", f"echo boo; MARK={mark} sleep 600"), sink)
    assert until(lambda: not processes_with(mark))
    assert shell("echo on") == "on\n"


def test_nothing_is_left_of_a_closed_room(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    scratch, mark = new_scratch(), uuid.uuid4().hex
    assert str(scratch) not in Path("/proc/self/mountinfo").read_text()
    threads = threading.active_count()
    with runtime.open(RoomSpec(name="gone", scratch=scratch)) as room:
        shell = Shell(room)
        shell(f"MARK={mark} sleep 600 & MARK={mark} setsid sleep 600 & (setsid sh -c 'MARK={mark} sleep 600' &) ; true")
        shell("mkdir -p a/b; touch a/b/c; chmod 0 a/b; chmod 555 a")
        assert until(lambda: len(processes_with(mark)) >= 3)
    assert processes_with(mark) == []
    assert list(scratch.iterdir()) == []
    assert str(scratch) not in Path("/proc/self/mountinfo").read_text()
    assert threading.active_count() == threads


def test_a_room_that_ended_says_so(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    with runtime.open(RoomSpec(name="over", scratch=new_scratch())) as room:
        pass
    assert taken(room, call(room, "true"))[0] == Exit(None, Reason.LOST)
    with pytest.raises(RoomError):
        room.read_file("~/x")
    with pytest.raises(RoomError):
        room.pack("~", ("x",), io.BytesIO())


def test_closing_a_room_ends_calls_that_still_run(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    started = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with runtime.open(RoomSpec(name="busy", scratch=new_scratch())) as room:
            asked = call(room, "/bin/sh", "-c", "echo started; sleep 600")
            done = pool.submit(room.run, asked, lambda _: started.set())
            assert started.wait(20)
        assert done.result(20) == Exit(None, Reason.LOST)


def test_a_job_that_kills_the_agent_loses_its_room(room: Room, shell: Shell) -> None:
    skip_without_agent(room)
    if isinstance(room, SandboxRoom):
        pytest.skip("the agent of a sandbox can't be reached by its jobs: test_walls.py tries it")
    assert shell.exit("kill -KILL $PPID; sleep 600")[0] == Exit(None, Reason.LOST)
    assert shell.exit("true")[0] == Exit(None, Reason.LOST)
    with pytest.raises(RoomError):
        room.write_file("~/x", b"")


def test_a_tree_is_seen_and_never_written_to(runtime: Runtime, new_scratch: Callable[[], Path], tmp_path: Path) -> None:
    source = tmp_path / "source, with: odd \\ name"
    (source / "deep").mkdir(parents=True)
    (source / "kept").write_text("as it was")
    (source / "deep/link").symlink_to("../kept")
    before = {path: path.lstat().st_mtime_ns for path in source.rglob("*")}
    spec = RoomSpec(name="tree", scratch=new_scratch(), trees=(Tree(source, "~/project"), Tree(source, "~/other")))
    with runtime.open(spec) as room:
        shell = Shell(room)
        assert shell("cat deep/link") == "as it was"
        shell("echo changed >kept; rm -r deep; echo new >new")
        assert shell("cat kept; ls") == "changed\nkept\nnew\n"
        assert shell("cat ~/other/kept; ls ~/other") == "as it was" + "deep\nkept\n"
    assert (source / "kept").read_text() == "as it was"
    assert {path: path.lstat().st_mtime_ns for path in source.rglob("*")} == before


def test_two_rooms_on_one_tree_see_nothing_of_each_other(
    runtime: Runtime, new_scratch: Callable[[], Path], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    specs = [RoomSpec(name=n, scratch=new_scratch(), trees=(Tree(source, "~/project"),)) for n in ("one", "two")]
    with runtime.open(specs[0]) as one, runtime.open(specs[1]) as two:
        Shell(one)('touch mine ~/mine "$HOME/other"')
        assert Shell(two)("ls; ls ~") == "project\n"


@pytest.mark.parametrize("name", NAMES)
def test_files_are_written_and_read(room: Room, shell: Shell, name: str) -> None:
    content = bytes(range(256)) * 999
    room.write_file(f"~/some/new folder/{name}", content)
    assert room.read_file(f"~/some/new folder/{name}") == content
    assert shell("cd '../some/new folder'; ls | wc -l; stat -c %a ./*").split()[-1] == "644"


def test_files_get_the_mode_asked_for(room: Room, shell: Shell) -> None:
    room.write_file("~/a", b"#!/bin/sh\necho hi", mode=0o755)
    room.write_file("~/b", b"", mode=0o600)
    room.write_file("~/a", b"now another", mode=0o640)
    assert shell("cd; stat -c %a a b").split() == ["640", "600"]
    room.write_file(f"{room.tools}/tool", b"#!/bin/sh\necho a tool", mode=0o755)
    assert shell(f"'{room.tools}/tool'") == "a tool\n"


def test_what_is_no_file_reads_as_none(room: Room, shell: Shell) -> None:
    shell("mkdir folder; ln -s nowhere dangling; ln -s folder/f link; echo x >folder/f; mkfifo pipe")
    assert room.read_file("link") == b"x\n"
    for path in ("folder", "dangling", "missing", "missing/deep", "pipe", "folder/f/deeper"):
        assert room.read_file(path) is None


def test_files_that_can_not_be_written_raise(room: Room, shell: Shell) -> None:
    shell("touch file")
    with pytest.raises(RoomError, match="file"):
        room.write_file("~/project/file/below", b"")


def test_pack_and_unpack_carry_names_links_and_modes(room: Room, shell: Shell) -> None:
    shell("mkdir -p 'from/a b/ü🎭' from/empty; echo 1 >'from/a b/ü🎭/f'; ln -s f 'from/a b/ü🎭/link'")
    shell("ln -s /nowhere from/dead")
    shell("printf '#!/bin/sh' >from/run; chmod 750 from/run; ln from/run from/hard")
    target = io.BytesIO()
    missing = room.pack("~/project/from", ("a b", "empty", "dead", "run", "hard", "no such", "also/not"), target)
    assert missing == ("no such", "also/not")
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        names = {one.name: one for one in tar}
    assert set(names) == {"a b", "a b/ü🎭", "a b/ü🎭/f", "a b/ü🎭/link", "empty", "dead", "run", "hard"}
    assert names["a b/ü🎭/link"].linkname == "f"
    assert names["dead"].issym()
    assert names["run"].mode == 0o750
    target.seek(0)
    room.unpack(target, "~/to/new place")
    script = "cd '../to/new place'; cat 'a b/ü🎭/link'; readlink dead; stat -c '%a %u' run; id -u; ls"
    numbers = shell(script).split()
    assert numbers[:2] == ["1", "/nowhere"]
    assert numbers[2] == "750"
    assert numbers[3] == numbers[4]


@pytest.mark.parametrize("name", NAMES)
def test_pack_takes_any_name(room: Room, name: str) -> None:
    room.write_file(f"~/project/{name}", b"content")
    target = io.BytesIO()
    assert room.pack("~/project", (name,), target) == ()
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        assert [one.name for one in tar] == [name]


def test_pack_of_nothing_is_an_empty_tar(room: Room) -> None:
    for base in ("~/project", "~/no/such/base"):
        target = io.BytesIO()
        assert room.pack(base, ("gone",), target) == ("gone",)
        target.seek(0)
        with tarfile.open(fileobj=target) as tar:
            assert tar.getnames() == []


def test_unpack_overwrites_and_a_broken_tar_raises(room: Room, shell: Shell) -> None:
    shell("echo old >f; mkdir sub; touch sub/kept")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in (("f", b"new"), ("sub/added", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    room.unpack(archive, "~/project")
    assert shell("cat f; echo; ls sub").split() == ["new", "added", "kept"]
    with pytest.raises(RoomError, match="unpacking"):
        room.unpack(io.BytesIO(b"no tar at all" * 1000), "~/project")


def test_a_large_tar_goes_through(room: Room, shell: Shell) -> None:
    shell("head -c 20000000 /dev/urandom >big; sha256sum big >sum")
    target = io.BytesIO()
    room.pack("~/project", ("big", "sum"), target)
    target.seek(0)
    room.unpack(target, "~/copy")
    assert shell("cd ~/copy; sha256sum -c sum") == "big: OK\n"


def test_the_rooms_environment_is_an_images(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    spec = RoomSpec(name="env", scratch=new_scratch(), image="cimg/base:2024.01", env={"MINE": "yes", "LANG": "C"})
    with runtime.open(spec) as room:
        assert room.env["PATH"].split(":")[0] == room.tools
        assert room.env["HOME"] == room.home
        assert (room.env["MINE"], room.env["LANG"]) == ("yes", "C")
        assert Shell(room)("python3 -c 'print(6*7)'; command -v sh env tar cat").startswith("42\n")


INSTALL = """
import os, pathlib, site, sysconfig
place = sysconfig.get_path("purelib")
if not os.access(place, os.W_OK):
    place = site.getusersitepackages()
pathlib.Path(place).mkdir(parents=True, exist_ok=True)
pathlib.Path(place, "understudy_stays_inside.py").write_text("")
print(place)
"""


def test_what_is_installed_stays_in_the_room(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    with runtime.open(RoomSpec(name="pip", scratch=new_scratch(), image="cimg/base:2024.01")) as room:
        room.write_file("install.py", INSTALL.encode())
        place = Shell(room)("python3 install.py; python3 -c 'import understudy_stays_inside'").strip()
    assert not Path(place, "understudy_stays_inside.py").exists()


def test_rooms_open_and_close_from_many_threads(runtime: Runtime, new_scratch: Callable[[], Path]) -> None:
    specs = [RoomSpec(name=f"room {n}", scratch=new_scratch()) for n in range(6)]

    def use(spec: RoomSpec) -> str:
        with runtime.open(spec) as room:
            return Shell(room)(f"echo {spec.name}")

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(use, specs)) == [f"room {n}\n" for n in range(6)]


def test_a_call_brings_its_files(room: Room) -> None:
    contents = (b"it's \xc3\xa4 $HOME `x` \x81\x88\xff\\n%s\n\n", b"\0", b"", b"x" * 200_000)
    files = tuple((f"{room.tools}/given/{index} file", content) for index, content in enumerate(contents))
    asked = Call(("/bin/cat", *(path for path, _ in files)), dict(room.env), room.workdir, timeout_s=60, files=files)
    assert taken(room, asked) == (Exit(0, Reason.EXITED), b"".join(contents))


def test_a_call_has_another_command_where_the_first_is_missing(room: Room) -> None:
    for program, expected in (("/bin/sh", b"first\n"), ("/no/such shell", b"second\n"), ("/tmp", b"second\n")):
        argv, otherwise = (program, "-c", "echo first"), ("/bin/sh", "-c", "echo second")
        asked = Call(argv, dict(room.env), room.workdir, timeout_s=60, otherwise=otherwise)
        assert taken(room, asked) == (Exit(0, Reason.EXITED), expected)


def test_a_call_says_whether_it_left_something(room: Room) -> None:
    skip_without_agent(room)

    def left(script: str) -> bool:
        asked = Call(("/bin/sh", "-c", script), dict(room.env), room.workdir, timeout_s=60, leaves=("~/a b", "~/c"))
        return taken(room, asked)[0].left

    assert not left("true")
    assert not left(": >~/c")
    assert left("echo x >~/c; exit 3")
    assert not left("rm ~/c")
    assert left("echo x >~/'a b'")
    assert taken(room, call(room, "true"))[0].left, "nobody looked"


def test_files_are_laid_all_at_once_with_their_modes(room: Room, shell: Shell) -> None:
    laid = [
        ("run", b"#!/bin/sh\necho run\n", 0o755),
        ("deep/er/ünï code", bytes(range(256)), 0o600),
        ("empty", b"", 0o644),
    ]
    room.write_files(
        [(f"{base}/{name}", content, mode) for base in (room.tools, room.home) for name, content, mode in laid]
    )
    for base in (room.tools, room.home):
        for name, content, _ in laid:
            assert room.read_file(f"{base}/{name}") == content
        assert shell(f"'{base}/run'") == "run\n"
        assert shell(f"ls -ld '{base}/deep/er/ünï code'").split()[0].rstrip(".+") == "-rw-------"


def test_a_file_that_can_not_be_laid_is_told(room: Room) -> None:
    room.write_file("~/file", b"in the way")
    with pytest.raises(RoomError, match="file"):
        room.write_files([(f"{room.home}/file/below", b"x", 0o644)])
