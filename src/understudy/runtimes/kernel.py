"""The few kernel calls that make a sandbox, by ctypes: no program of util-linux needs to be there or be started."""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # as in `launcher.py`
    from collections.abc import Mapping

# Values from the kernel's user headers: linux/sched.h, mount.h, prctl.h, capability.h, seccomp.h, landlock.h.
NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 1, 2, 4, 8, 4096, 16384, 1 << 19
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, AT_RECURSIVE, AT_FDCWD = 1, 2, 4, 0x8000, -100
DETACH = 2
SYS_MOUNT_SETATTR = 442
SYS_LANDLOCK_CREATE, SYS_LANDLOCK_RESTRICT, LANDLOCK_ABSTRACT_SOCKETS = 444, 446, 1
# By machine: pivot_root, then add_key, request_key, keyctl.
SYSCALLS = {
    "x86_64": (155, 248, 249, 250),
    "aarch64": (41, 217, 218, 219),
    "riscv64": (41, 217, 218, 219),
    "ppc64le": (203, 269, 270, 271),
    "s390x": (217, 278, 279, 280),
}
# By the kernel's own name of a machine's system calls: which of them reach the keyrings.
KEYRING_CALLS = {
    0xC000003E: (248, 249, 250),
    0x40000003: (286, 287, 288),
    0xC00000B7: (217, 218, 219),
    0x40000028: (309, 310, 311),
    0xC00000F3: (217, 218, 219),
    0xC0000015: (269, 270, 271),
    0x80000016: (278, 279, 280),
}
JOIN_SESSION_KEYRING = 1
KILL = 9
PDEATHSIG, DUMPABLE, CAPBSET_DROP, SET_SECCOMP, NO_NEW_PRIVS, CAP_AMBIENT = 1, 4, 24, 22, 38, 47

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):  # noqa: N818 - it says what the kernel did
    """The kernel refused an operation: the sentence for the user."""


def checked(result: int, doing: str) -> int:
    """`result`, unless it says that the kernel refused."""
    if result < 0:
        number = ctypes.get_errno()
        raise Refused(f"{doing}: {os.strerror(number)}")
    return result


def mount(source: str, target: str, kind: str | None, flags: int = 0, options: str | None = None) -> None:
    """mount(2)."""
    arguments = (os.fsencode(source), os.fsencode(target), kind and kind.encode(), ctypes.c_ulong(flags))
    result = libc.mount(*arguments, options and os.fsencode(options))
    checked(result, f"mounting {kind or source} at {target}")


def restrict(target: str, attributes: int, *, recursive: bool = False) -> None:
    """Adds mount `attributes`, keeping those that are there (mount_setattr(2), Linux 5.12)."""
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    call = (SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, ctypes.byref(wanted), ctypes.c_size_t(32))
    checked(libc.syscall(*call), f"restricting {target}")


def raise_loopback() -> None:
    """Sets the interface `lo` of a new network namespace up (SIOCSIFFLAGS with IFF_UP | IFF_RUNNING)."""
    request = ctypes.create_string_buffer(b"lo".ljust(16, b"\0") + (0x41).to_bytes(2, sys.byteorder), 40)
    handle = checked(libc.socket(2, 2, 0), "socket")
    checked(libc.ioctl(handle, 0x8914, request), "raising the loopback interface")
    os.close(handle)


def leave_keyrings() -> None:
    """A new session keyring, and no way to reach others: keyrings belong to a user, not to a namespace."""
    calls = SYSCALLS[os.uname().machine]
    libc.syscall(calls[3], JOIN_SESSION_KEYRING, None)
    filter_calls(KEYRING_CALLS)


def filter_calls(denied: Mapping[int, tuple[int, ...]]) -> None:
    """Answers the `denied` system calls, by architecture, with EPERM (a classic BPF program, seccomp(2))."""
    program: list[tuple[int, int, int, int]] = []
    for architecture, numbers in denied.items():
        # Load the architecture; if it is not this one, skip its block.
        program += [(0x20, 0, 0, 4), (0x15, 0, len(numbers) + 4, architecture)]
        # Load the number without the bit of x32, compare, allow at the end of the block or deny.
        program += [(0x20, 0, 0, 0), (0x54, 0, 0, 0xBFFFFFFF)]
        program += [(0x15, len(numbers) - index, 0, number) for index, number in enumerate(numbers)]
        program += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050001)]
    program.append((0x06, 0, 0, 0x7FFF0000))
    packed = b"".join(
        code.to_bytes(2, sys.byteorder) + bytes((yes, no)) + value.to_bytes(4, sys.byteorder)
        for code, yes, no, value in program
    )
    code_block = ctypes.create_string_buffer(packed, len(packed))
    header = Program(len(program), ctypes.addressof(code_block))
    checked(libc.prctl(SET_SECCOMP, 2, ctypes.byref(header), 0, 0), "filtering system calls")


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


class CapabilityHeader(ctypes.Structure):
    """struct __user_cap_header_struct."""

    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


def leave_abstract_sockets() -> None:
    """No connection to sockets outside that have a name but no file (Landlock, Linux 6.12); older kernels: no wall."""
    attributes = (ctypes.c_uint64 * 3)(0, 0, LANDLOCK_ABSTRACT_SOCKETS)
    handle = libc.syscall(SYS_LANDLOCK_CREATE, ctypes.byref(attributes), ctypes.c_size_t(24), 0)
    if handle >= 0:
        libc.syscall(SYS_LANDLOCK_RESTRICT, handle, 0)
        os.close(handle)


def drop_capabilities(keep: int) -> None:
    """Keeps the capabilities of the mask `keep` and no other, for good."""
    libc.prctl(CAP_AMBIENT, 4, 0, 0, 0)
    for number in range(64):
        if not keep >> number & 1 and libc.prctl(CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    header = CapabilityHeader(0x20080522, 0)
    low, high = keep & 0xFFFFFFFF, keep >> 32
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    checked(libc.capset(ctypes.byref(header), ctypes.byref(data)), "dropping capabilities")


def pivot_root(root: str, old: str) -> None:
    """Makes the mounted folder `root` the root of this mount namespace, and puts the root until now at `old`."""
    number = SYSCALLS[os.uname().machine][0]
    checked(libc.syscall(number, os.fsencode(root), os.fsencode(old)), "pivot_root")


def detach(path: str) -> None:
    """Takes the mount at `path`, and all below it, away."""
    checked(libc.umount2(os.fsencode(path), DETACH), f"unmounting {path}")


def unshare(flags: int) -> None:
    """Enters new namespaces."""
    checked(libc.unshare(flags), "making namespaces")


def set_hostname(name: str) -> None:
    """Names the machine, as this namespace sees it."""
    checked(libc.sethostname(name.encode(), len(name)), "naming the room")


def gain_no_privileges() -> None:
    """From now on no program gives rights that its caller has not (as setuid does)."""
    checked(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def die_with_parent() -> None:
    """Has the kernel end this process when its parent ends."""
    libc.prctl(PDEATHSIG, KILL, 0, 0, 0)


def keep_secrets() -> None:
    """Lets nobody without rights over all processes look into this one, or into a child that runs no other program yet.

    A child lies in the room, and has this program's memory, environment and executable file until then.
    """
    checked(libc.prctl(DUMPABLE, 0, 0, 0, 0), "keeping the memory to itself")


def ignore_children() -> None:
    """Has the kernel reap this process's children, from now on."""
    libc.signal(17, ctypes.c_void_p(1))  # SIGCHLD, SIG_IGN


def heed_children() -> None:
    """Children that end wait to be reaped again, as they do from the start."""
    libc.signal(17, None)  # SIGCHLD, SIG_DFL


def reset_signals() -> None:
    """Ignores and blocks no signal, whatever this program or its parents ignored or blocked."""
    for number in range(1, 32):
        libc.signal(number, None)
    libc.sigprocmask(2, ctypes.byref((ctypes.c_uint64 * 16)()), None)
