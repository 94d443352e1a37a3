"""What containers have printed, as the engine keeps it."""

from understudy.runtimes.oci_client import Client

_LAST_LINES = 5


def log_of(client: Client, container: str) -> bytes:
    """All that a container has printed, both streams in the order of their coming. Raises MachineError."""
    told = client.ask("GET", f"/containers/{container}/logs", query={"stdout": True, "stderr": True})
    return demultiplexed(told) if isinstance(told, bytes) else b""


def last_words(log: bytes) -> str:
    """The last lines of `log` as a clause of a sentence; empty where there are none."""
    lines = log.decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
    return f"; its last words: {' / '.join(lines)}" if lines else ""


def demultiplexed(content: bytes) -> bytes:
    """Both streams of a log in the order of their coming; each piece has a head of eight bytes.

    https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
    """
    found, at = bytearray(), 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "big")
        found += content[at + 8 : at + 8 + size]
        at += 8 + size
    return bytes(found)
