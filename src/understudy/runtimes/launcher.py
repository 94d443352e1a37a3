# pathlib would be a good part of the time that this script costs every job.
# ruff: noqa: PTH102, PTH103, PTH106, PTH110, PTH112, PTH114, PTH115, PTH120, PTH123, PTH208, PTH211, S108, S606
"""Makes sandboxes, each in a process of its own: a stand-alone script, which is started once for all rooms.

    python -I -S -c "...; from understudy.runtimes.launcher import main; main()" SOCKET

To start an interpreter and load what is needed here takes longer than all the rest of opening a room. So the script
waits, and forks when the program asks for a room: over SOCKET it gets the path of a file PLAN of marshalled values (see
`mounts.py`), with the pipes that are to be standard input and output, a file for errors, and a pipe, the lifeline. It
ends with the program, which is when SOCKET closes.

The forked process enters new namespaces and forks again. The child builds the room and stays as its first process. The
parent performs the room's calls (see `spawner.py`), and ends the child (and with it every process of the room) as soon
as the lifeline closes, which is what the kernel does when the program is killed.
"""

from __future__ import annotations

import gc
import marshal
import os
import socket
import sys

from understudy.runtimes.kernel import (
    ATTR_NODEV,
    ATTR_RDONLY,
    KILL,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    MS_REC,
    MS_SLAVE,
    NEW_IPC,
    NEW_MOUNTS,
    NEW_NET,
    NEW_PID,
    NEW_USER,
    NEW_UTS,
    Refused,
    detach,
    die_with_parent,
    drop_capabilities,
    gain_no_privileges,
    heed_children,
    ignore_children,
    keep_secrets,
    leave_abstract_sockets,
    leave_keyrings,
    mount,
    pivot_root,
    raise_loopback,
    reset_signals,
    restrict,
    set_hostname,
    unshare,
)
from understudy.runtimes.spawner import Spawner

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` alone would be a third of what this script costs
    from collections.abc import Callable
    from typing import Any, NoReturn

OLD = "/.machine"
"""Where the machine's own root is while the room is built."""
MOST_BYTES = 8192
"""Of a path and its length."""
plan: dict[str, Any] = {}


def bind(source: str, target: str, *, read_only: bool = False) -> None:
    """Shows `source` of the machine at `target`: with all that is mounted below it, if it is a folder."""
    source = OLD + source
    folder = os.path.isdir(source)
    if folder:
        os.makedirs(target, exist_ok=True)
    elif not os.path.lexists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW))
    mount(source, target, None, MS_BIND | MS_REC)
    restrict(target, ATTR_NODEV | (ATTR_RDONLY if read_only else 0), recursive=True)


def show(source: str, target: str) -> None:
    """Shows `source` of the machine at `target`, for reading."""
    bind(source, target, read_only=True)


def overlay(source: str, layer: str, target: str, between: str = "") -> None:
    """Shows the folder `source` of the machine at `target`, with its changes kept in the folder `layer`.

    `between`: a folder that lies over `source` and under the changes; one without anything in it is left out.
    """
    os.makedirs(target, exist_ok=True)
    lower = [OLD + between] if between and os.listdir(OLD + between) else []
    options = ",".join(
        (
            f"lowerdir={':'.join(map(escaped, (*lower, OLD + source)))}",
            f"upperdir={escaped(OLD + layer)}/upper",
            f"workdir={escaped(OLD + layer)}/work",
            *(("userxattr",) if plan["user"] else ()),
        )
    )
    try:  # A room is thrown away: its files need not reach the disk before they are used.
        mount("overlay", target, "overlay", MS_NODEV, f"{options},volatile")
    except Refused:
        mount("overlay", target, "overlay", MS_NODEV, options)


def escaped(path: str) -> str:
    """`path` as overlayfs reads it in an option."""
    return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")


def lay(source: str, layer: str, target: str, depth: int, between: str = "") -> None:
    """An overlay of a system folder; where the kernel refuses it, of its parts, `depth` folders deep; else read-only.

    The kernel refuses an ordinary user's overlay over a folder that holds other mounts. `between`: as for `overlay`.
    """
    try:
        overlay(source, layer, target, between)
    except Refused:
        if not plan["user"]:
            raise
    else:
        return
    prepared = os.listdir(f"{OLD}{layer}/upper")
    for name in prepared:
        bind(f"{layer}/upper/{name}", f"{target}/{name}")
    for entry in os.scandir(OLD + source):
        part, place = f"{source}/{entry.name}", f"{target}/{entry.name}"
        if part in plan["hidden"] or entry.name in prepared:
            continue
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), place)
        elif entry.is_dir() and depth > 1:
            below = f"{layer}/parts/{entry.name}"
            for half in ("upper", "work"):
                os.makedirs(f"{OLD}{below}/{half}", exist_ok=True)
            lay(part, below, place, depth - 1)
        elif entry.is_dir() or entry.is_file():
            bind(part, place, read_only=True)


def hide(path: str) -> None:
    """Makes sure that nothing can be seen at `path`, if the room shows anything there."""
    if os.path.islink(path) or not os.path.exists(path):
        return
    if not os.path.isdir(path):
        mount("/dev/null", path, None, MS_BIND)
    elif os.listdir(path):
        mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")


def devices(nodes: tuple[str, ...]) -> None:
    """A private /dev with `nodes` of the machine's."""
    os.makedirs("/dev", exist_ok=True)
    mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=1m")
    for node in nodes:
        if os.path.exists(OLD + node):
            os.makedirs(os.path.dirname(node), exist_ok=True)
            os.close(os.open(node, os.O_CREAT | os.O_WRONLY))
            mount(OLD + node, node, None, MS_BIND)
    os.mkdir("/dev/pts")
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
    os.mkdir("/dev/shm")
    mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "core": "/proc/kcore"}
    links |= {name: f"/proc/self/fd/{number}" for number, name in enumerate(("stdin", "stdout", "stderr"))}
    for name, goal in links.items():
        os.symlink(goal, f"/dev/{name}")


def processes(masked: tuple[str, ...], read_only: tuple[str, ...]) -> None:
    """/proc of the room's own processes, without what it tells of the machine or lets change on it."""
    os.makedirs("/proc", exist_ok=True)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for path in masked:
        if os.path.exists(path):
            cover(path)
    for path in read_only:
        if os.path.exists(path):
            mount(path, path, None, MS_BIND | MS_REC)
            restrict(path, ATTR_RDONLY, recursive=True)


def cover(path: str) -> None:
    """Puts nothing over `path`, be it empty or not."""
    if os.path.isdir(path):
        mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=4k")
    else:
        mount("/dev/null", path, None, MS_BIND)


def system(masked: tuple[str, ...]) -> None:
    """/sys, for reading. An ordinary user may mount one only with a network of the room's own."""
    os.makedirs("/sys", exist_ok=True)
    if plan["user"] and plan["network"]:
        mount(OLD + "/sys", "/sys", None, MS_BIND | MS_REC)
        restrict("/sys", ATTR_RDONLY, recursive=True)
        if os.path.isdir("/sys/fs/cgroup"):
            cover("/sys/fs/cgroup")
    else:
        mount("sysfs", "/sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for path in masked:
        if os.path.exists(path):
            cover(path)


def folder(path: str) -> None:
    """Makes a folder of the room."""
    os.makedirs(path, exist_ok=True)


OPERATIONS: dict[str, Callable[..., None]] = {
    "bind": bind,
    "show": show,
    "lay": lay,
    "overlay": overlay,
    "hide": hide,
    "devices": devices,
    "processes": processes,
    "system": system,
    "folder": folder,
}


def enter_root(root: str) -> None:
    """Makes the folder `root` the root of this mount namespace; the machine's own stays at OLD for a while."""
    mount("none", "/", None, MS_REC | MS_SLAVE)
    mount(root, root, None, MS_BIND)
    restrict(root, ATTR_NODEV)
    os.mkdir(root + OLD)
    pivot_root(root, root + OLD)
    os.chdir("/")


def leave_machine() -> None:
    """Drops the machine's own file system."""
    detach(OLD)
    os.rmdir(OLD)


def build(built: int) -> NoReturn:
    """The child: builds the room, says on the pipe `built` that it stands, and stays as its first process."""
    set_hostname(plan["hostname"])
    if not plan["network"]:
        raise_loopback()
    enter_root(plan["root"])
    for name, *arguments in plan["operations"]:
        OPERATIONS[name](*arguments)
    leave_machine()
    give_up_rights()
    die_with_parent()  # again, for a change of rights may have undone it
    reset_signals()
    ignore_children()  # which reaps the orphans of the room
    os.write(built, b"+")
    idle()


def give_up_rights() -> None:
    """Keeps no more rights than the room's jobs are to have, for good."""
    os.chdir("/")
    if plan["user"]:
        gain_no_privileges()
    leave_keyrings()
    leave_abstract_sockets()
    drop_capabilities(plan["keep"])


def idle() -> NoReturn:
    """Does nothing for as long as the room is open: as a program of the room, not of the machine."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    for program in ("/bin/sleep", "/usr/bin/sleep"):
        try:
            os.execve(program, ("sleep", "2147483647"), plan["environment"])
        except OSError:
            continue
    os.execve("/bin/sh", ("sh", "-c", "while :; do sleep 86400; done"), plan["environment"])


def enter_namespaces() -> None:
    """Enters the new namespaces; as an ordinary user, one of users first, in which this user is `plan["user"]`."""
    real_user, real_group = os.geteuid(), os.getegid()
    flags = NEW_MOUNTS | NEW_PID | NEW_IPC | NEW_UTS
    flags |= NEW_USER if plan["user"] else 0
    flags |= 0 if plan["network"] else NEW_NET
    unshare(flags)
    if plan["user"]:
        inside_user, inside_group = plan["user"]
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{inside_user} {real_user} 1"),
            ("gid_map", f"{inside_group} {real_group} 1"),
        ):
            handle = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(handle, text.encode())
            os.close(handle)


def serve(child: int, lifeline: int, built: int) -> NoReturn:
    """The parent: performs the room's calls, and ends the room's first process, and all others with it, at the end."""
    if not os.read(built, 1):  # the child has said why
        os.waitpid(child, 0)
        os._exit(1)
    give_up_rights()
    keep_secrets()
    os.umask(0o022)
    os.write(1, b"ready\n")
    try:
        Spawner(plan["control"], plan["environment"], child, lifeline).serve()
    finally:
        os.kill(child, KILL)
        reap_all()  # the calls, too: the room's first process waits until they are reaped
        os._exit(0)


def reap_all() -> None:
    """Waits until every child has ended."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def record(path: str, child: int) -> None:
    """Writes who the room's first process is, as the machine knows it, for whoever must clean up after a kill."""
    with open(f"/proc/{child}/stat", "rb") as stat:
        start = stat.read().rpartition(b")")[2].split()[19].decode()
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{child} {start}\n")


def open_room(path: str, lifeline: int) -> NoReturn:
    """Enters the namespaces, forks, and tells on standard output why it could not, if so."""
    with open(path, "rb") as file:
        plan.update(marshal.loads(file.read()))  # noqa: S302 - written by the program a moment before
    gate_read, gate_write = os.pipe()
    built_read, built_write = os.pipe()
    try:
        record(plan["holder"], os.getpid())
        enter_namespaces()
        child = os.fork()
        if child:
            record(plan["first"], child)
            os.close(gate_write)
            os.close(built_write)
            serve(child, lifeline, built_read)
        die_with_parent()
        os.close(gate_write)
        os.read(gate_read, 1)
        build(built_write)
    except (Refused, OSError) as failure:
        os.write(1, f"refused {failure}\n".encode(errors="replace"))
        os._exit(1)


def main() -> NoReturn:
    """Forks for each room that the program asks for."""
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        ignore_children()  # which reaps them; each is watched by its pipes
        gc.freeze()
        while True:
            path, streams, _, _ = socket.recv_fds(asked, MOST_BYTES, 4)
            if not path:
                os._exit(0)
            if not os.fork():
                become_holder(asked, streams, os.fsdecode(path))
            for stream in streams:
                os.close(stream)


def become_holder(asked: socket.socket, streams: list[int], path: str) -> NoReturn:
    """The forked process: takes its streams and leaves those of all rooms."""
    try:
        asked.close()
        heed_children()
        os.setsid()  # the terminal's Ctrl-C is for the program to handle
        for number, stream in enumerate(streams[:3]):
            os.dup2(stream, number)
            os.close(stream)
        open_room(path, streams[3])
    finally:
        os._exit(1)
