"""What a job in the sandbox can't reach, tried as root and as an ordinary user; and that the tries are real ones."""

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")]

SOURCE = Path(__file__).parents[2] / "src"
NOBODY = 65534
HARMLESS = frozenset(
    {"read a home", "read cloud credentials", "read a keyring's file", "read what is hidden", "see a process",
     "signal a process", "write outside", "find a socket",
     "connect to a socket without a file", "read another room", "reach a port"}
)  # fmt: skip
"""Tries that are also made without walls, where each must succeed."""

# Every script succeeds if it gets through. %(name)s: see `PROBE`.
ATTEMPTS = {
    "read a home": "cat %(home)s/.ssh/id_ed25519",
    "read cloud credentials": "cat %(home)s/.aws/credentials",
    "read a keyring's file": "cat %(home)s/.local/share/keyrings/login.keyring",
    "find any key of a home": "cat /root/.ssh/id_* /home/*/.ssh/id_* /root/.aws/credentials /home/*/.aws/credentials",
    "leave by a folder that is open": (
        'for f in /proc/[0-9]*/fd/*; do case "$(readlink "$f")" in /*) [ -d "$f/." ] && exit 0;; esac; done; exit 1'
    ),
    "hold a strong capability by a setuid program": (
        "cp /bin/cat /tmp/cat && chown 0 /tmp/cat; chmod 6755 /tmp/cat;"
        " set -- $(/tmp/cat /proc/self/status | grep CapEff);"
        " b=$(printf %%d 0x$2); m=$((1<<2|1<<12|1<<13|1<<16|1<<17|1<<19|1<<21|1<<22|1<<25|1<<27|1<<34|1<<39));"
        " test $((b & m)) != 0"
    ),
    "give a program capabilities": (
        "cp /bin/cat /tmp/caps && setcap cap_sys_admin,cap_dac_read_search+ep /tmp/caps && /tmp/caps %(private)s"
    ),
    "make a control group": "mkdir /sys/fs/cgroup/%(mark)s || mkdir /sys/fs/cgroup/*/%(mark)s",
    "mount control groups": "mkdir -p /tmp/g; mount -t cgroup2 none /tmp/g || mount -t cgroup -o memory none /tmp/g",
    "mount the kernel's debug files": "mkdir -p /tmp/d; mount -t debugfs none /tmp/d || mount -t tracefs none /tmp/d",
    "read the kernel's log": "dmesg | grep -q .",
    "read memory of a process outside": "head -c1 /proc/%(process)s/mem || ls /proc/%(process)s/root/",
    "read what is hidden": "cat %(hidden)s/store.db",
    "see a process": "test -d /proc/%(process)s || cat /proc/[0-9]*/environ | grep -q %(mark)s",
    "signal a process": "kill -0 %(process)s",
    "trace a process": (
        "python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(0x4206, %(process)s, 0, 0) != 0)'"
    ),
    "write outside": "echo x >%(outside)s/written",
    "read another room": "cat %(other)s/home/note",
    "find a socket": "test -S %(socket)s",
    "find a container engine's socket": "ls /run/docker.sock /var/run/docker.sock /run/containerd /run/podman",
    "connect to a socket without a file": (
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + \"%(mark)s\")'"
    ),
    "make a disk's node": "mknod /tmp/disk b 254 0 || mknod /tmp/disk b 8 0",
    "make a node for memory": "mknod /tmp/mem c 1 1",
    "open a disk": "ls /dev | grep -E '^(vd|sd|nvme|mem|kmsg|fuse|kvm|loop|port|dm-)'",
    "mount a disk": "mkdir -p /tmp/m; mount -t ext4 /dev/vda /tmp/m || mount -t ext4 /dev/sda1 /tmp/m",
    "mount anything": "mkdir -p /tmp/m; mount -t tmpfs none /tmp/m",
    "mount over the machine": "mkdir -p /tmp/m; mount --bind / /tmp/m",
    "unmount a cover": "umount /proc/keys || umount /proc/sys || umount -l /home",
    "make /proc/sys writable": "mount -o remount,rw,bind /proc/sys || mount -o remount,rw /proc",
    "make it writable from a namespace within": (
        "unshare -Urm sh -c 'mount -o remount,rw,bind /run/understudy/control || mount -o remount,rw,bind /proc/sys"
        " || umount /proc/keys'"
    ),
    "mount a new /proc within": "unshare -Urmpf sh -c 'mkdir -p /tmp/p; mount -t proc none /tmp/p'",
    "write to the control folder": "touch /run/understudy/control/mine || echo >/run/understudy/control/agent.sh",
    "end what holds the room": (
        "kill -KILL 1; kill -TERM 1; sleep 0.1; test ! -d /proc/1 || { test $PPID != 0 && kill -KILL $PPID; }"
    ),
    "look into what holds the room": (
        "readlink /proc/$PPID/exe || readlink /proc/1/exe | grep -q python || cat /proc/$PPID/environ"
    ),
    "press a magic key": "test -e /proc/sysrq-trigger && echo h >/proc/sysrq-trigger",
    "write a kernel setting": "read -r v </proc/sys/kernel/threads-max; echo $v >/proc/sys/kernel/threads-max",
    "find a writable kernel file": (
        'test -n "$(find /sys /proc/sys /proc/irq /proc/bus /proc/fs -maxdepth 4 -type f -writable 2>/dev/null)"'
    ),
    "set the core pattern": "echo '|/tmp/x' >/proc/sys/kernel/core_pattern",
    "read the kernel's memory": "head -c1 /proc/kcore | grep -q . || head -c1 /proc/kmsg | grep -q .",
    "leave by the first process": "ls /proc/1/root%(outside)s || ls /proc/1/cwd/../../..%(outside)s",
    "find the old root": "ls -d /.machine || ls -d /old_root/usr || ls -d /.old",
    "leave by chroot": (
        'python3 -c \'import os; os.makedirs("/tmp/c", exist_ok=True); os.chroot("/tmp/c"); '
        '[os.chdir("..") for _ in range(99)]; os.chroot("."); os.stat("%(outside)s")\''
    ),
    "join the machine's namespaces": "nsenter -t 1 -m true && ls -d %(outside)s",
    "read a password's hash": "grep -qE ':[$]' /etc/shadow",
    "read what only its owner may": "cat %(private)s",
    "read a host's private key": "cat /etc/ssh/ssh_host_*_key /etc/ssl/private/*",
    "find a key of the user's keyring": (
        'python3 -c \'import ctypes, os, sys; n = {"x86_64": 249, "aarch64": 218}[os.uname().machine]; '
        'sys.exit(ctypes.CDLL(None).syscall(n, b"user", b"%(mark)s", None, -4) < 0)\''
    ),
    "hold a strong capability": (
        # DAC_READ_SEARCH, NET_ADMIN, NET_RAW, SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN, SYS_BOOT, SYS_TIME, MKNOD,
        # SYSLOG, BPF
        "set -- $(grep CapBnd /proc/self/status); b=$(printf %%d 0x$2); "
        "m=$((1<<2|1<<12|1<<13|1<<16|1<<17|1<<19|1<<21|1<<22|1<<25|1<<27|1<<34|1<<39)); test $((b & m)) != 0"
    ),
    "change the machine's name": "hostname understudy-was-here || echo x >/proc/sys/kernel/hostname",
    "set the clock": "date -s '2001-01-01'",
    "stop the room's first process": "kill -KILL 1; sleep .1; kill -STOP 1; test ! -d /proc/1",
    "reach a port": "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", %(port)s), 5)'",
}

CHANGE = "echo x >%(shown)s/written && cat %(shown)s/written"

PROBE = """
import ctypes, json, os, socket, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
given = json.load(sys.stdin)
os.environ["HOME"] = given["home"]
from understudy.runtimes.base import Call, RoomSpec
from understudy.runtimes.plain import Plain
from understudy.runtimes.sandbox import Sandbox

runtime = Sandbox() if given["walls"] else Plain()
if reason := runtime.missing():
    print(json.dumps({"missing": reason}))
    sys.exit()
process = subprocess.Popen(["sleep", "600"], env={"MARK": given["mark"]},
                           executable="/bin/sleep")
abstract = socket.socket(socket.AF_UNIX)
abstract.bind(chr(0) + given["mark"])
abstract.listen()
visible = socket.socket(socket.AF_UNIX)
visible.bind(given["socket"])
port = socket.create_server(("127.0.0.1", 0))
number = {"x86_64": 248, "aarch64": 217}.get(os.uname().machine)
key = ctypes.CDLL(None).syscall(number, b"user", given["mark"].encode(), b"secret", 6, -4) if number else -1
values = {**given, "process": process.pid, "port": port.getsockname()[1]}
scratch, other = Path(given["scratch"]), Path(given["other"])
results = {}
try:
    with runtime.open(RoomSpec(name="other", scratch=other)) as neighbour:
        neighbour.write_file("~/note", b"mine")
        spec = RoomSpec(name="walls", scratch=scratch, network=given["network"], hide=(Path(given["hidden"]),))
        with runtime.open(spec) as room:
            for name, attempt in given["attempts"].items():
                output = bytearray()
                call = Call(("/bin/sh", "-c", attempt % values), dict(room.env), room.workdir, timeout_s=20)
                ended = room.run(call, output.extend)
                results[name] = (ended.code, ended.reason.value, output.decode(errors="replace")[-300:])
        results["left"] = (process.poll(), "", "")
finally:
    process.kill()
    process.wait()
    if key > 0:
        ctypes.CDLL(None).syscall({248: 250, 217: 219}[number], 9, key, -4)
print(json.dumps(results))
"""


@dataclass(frozen=True)
class Tried:
    """What came of the attempts, by name: status, reason and output; and the folder that none may have written to."""

    results: dict[str, list[int | str | None]]
    outside: Path


def interpreter_for_nobody() -> str | None:
    """A Python that every user of this machine may start."""
    for place in (sys.executable, *(f"/usr/bin/python3{minor}" for minor in ("", ".11", ".12", ".13", ".14"))):
        question = (place, "-c", "import sys; sys.exit(sys.version_info < (3, 11))")
        with contextlib.suppress(OSError):
            asked = subprocess.run(question, user=NOBODY, group=NOBODY, cwd="/", check=False, capture_output=True)
            if asked.returncode == 0:
                return place
    return None


def tried(who: str, *, walls: bool, attempts: dict[str, str], network: bool = True) -> Tried:
    as_nobody = who == "user" and os.geteuid() == 0
    python = interpreter_for_nobody() if as_nobody else sys.executable
    if python is None:
        pytest.skip("no Python 3.11 here that an ordinary user may start")
    # Not below /tmp: that a room has a /tmp of its own would be reason enough to find nothing there.
    shown = Path("/opt" if os.geteuid() == 0 else "/tmp") / f"understudy-test-{uuid.uuid4().hex}"
    with contextlib.ExitStack() as stack:
        base = Path(tempfile.mkdtemp(prefix="understudy-walls-"))
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        stack.callback(shutil.rmtree, shown, ignore_errors=True)
        places = {name: base / name for name in ("scratch", "other", "outside")}
        places |= {"hidden": shown / "hidden", "home": shown / "home"}
        for place in places.values():
            place.mkdir(parents=True)
        for name in (".ssh/id_ed25519", ".aws/credentials", ".local/share/keyrings/login.keyring"):
            (places["home"] / name).parent.mkdir(parents=True)
            (places["home"] / name).write_text("a key")
        (places["hidden"] / "store.db").write_text("a store")
        if as_nobody:
            for place in (base, *base.rglob("*"), *shown.rglob("*")):
                os.chown(place, NOBODY, NOBODY)
        private = shown / "private"
        private.write_text("mine")
        private.chmod(0o600)
        mark = f"understudy-{uuid.uuid4().hex}"
        given = {name: str(place) for name, place in places.items()}
        sockets = str(base / "engine.sock")
        asked = {
            **given,
            "shown": str(shown),
            "private": str(private),
            "mark": mark,
            "socket": sockets,
            "walls": walls,
            "network": network,
        }
        user = NOBODY if as_nobody else None
        done = subprocess.run(
            (python, "-B", "-c", PROBE, str(SOURCE)), input=json.dumps({**asked, "attempts": attempts}), text=True,
            cwd="/", capture_output=True, check=False, timeout=200,
            user=user, group=user, extra_groups=None if user is None else [],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout.splitlines()[-1])
        if "missing" in results:
            pytest.skip(f"no sandbox as {who}: {results['missing']}")
        assert not (places["outside"] / "written").exists() or not walls
        assert not (shown / "written").exists()
        return Tried(results, places["outside"])


@pytest.fixture(scope="module", params=["root", "user"])
def walled(request: pytest.FixtureRequest) -> Tried:
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("not root")
    attempts = {name: attempt for name, attempt in ATTEMPTS.items() if name != "reach a port"}
    return tried(request.param, walls=True, attempts={**attempts, "change a system folder": CHANGE})


@pytest.fixture(scope="module")
def open_ground() -> Tried:
    return tried("root", walls=False, attempts={name: ATTEMPTS[name] for name in HARMLESS})


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if name != "reach a port"])
def test_a_job_does_not_get_through(walled: Tried, name: str) -> None:
    release = tuple(map(int, platform.release().split(".")[:2]))
    if name == "connect to a socket without a file" and release < (6, 12):
        pytest.skip("this kernel can't keep abstract sockets apart (Linux 6.12)")
    status, reason, output = walled.results[name]
    assert reason == "exited", output
    assert status != 0, output


@pytest.mark.skipif(os.geteuid() != 0, reason="not root")
def test_what_root_writes_to_a_system_folder_stays_in_the_room() -> None:
    found = tried("root", walls=True, attempts={"change": CHANGE})  # which asserts that nothing came through
    assert found.results["change"] == [0, "exited", "x\n"]


def test_the_process_outside_lives_on(walled: Tried) -> None:
    assert walled.results["left"][0] is None


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_without_walls_the_same_attempt_succeeds(open_ground: Tried, name: str) -> None:
    assert open_ground.results[name][:2] == [0, "exited"], open_ground.results[name][2]


@pytest.mark.parametrize("who", ["root", "user"])
def test_without_a_network_there_is_only_loopback(who: str) -> None:
    if who == "root" and os.geteuid() != 0:
        pytest.skip("not root")
    attempts = {
        "reach a port": ATTEMPTS["reach a port"],
        "interfaces": "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '",
        "loopback": 'python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 0)); '
        "socket.create_connection(s.getsockname(), 5)'",
    }
    found = tried(who, walls=True, attempts=attempts, network=False).results
    assert found["reach a port"][0] != 0
    assert found["loopback"][0] == 0, found["loopback"]
    # Some kernels give every new namespace tunnels of their own, which lead nowhere.
    names = set(str(found["interfaces"][2]).split())
    assert "lo" in names
    assert not any(name.startswith(("eth", "en", "wl", "docker", "br", "veth", "tap")) for name in names)
