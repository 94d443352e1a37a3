"""A step that prints a gigabyte."""

import hashlib
import json
from pathlib import Path

from measure import Bench, Row, Skipped
from rooms import missing
from written import config

SIZE = 1_000_000_000
LINE = b"0123456789abcdef" * 4 + b"\n"


def gigabyte(bench: Bench) -> list[Row | Skipped]:
    """Its rate, the program's memory, and whether all of it is in the log."""
    if reason := missing():
        return [Skipped("a gigabyte of output", reason)]
    command = f"yes {LINE[:-1].decode()} | head -c {SIZE} || true"
    root = bench.repository("output", config([("build", [command], ())]))
    ended = bench.perform(bench.understudy("run", "--runtime", "sandbox", "--json"), root, keep=True)
    events = [json.loads(line) for line in ended.output.splitlines() if line[:1] == b"{"]
    moments = {event["class"]: event["at"] for event in events if event["class"] in {"StepStarted", "StepFinished"}}
    seconds = moments["StepFinished"] - moments["StepStarted"]
    run = next(event["run"] for event in events if event["class"] == "RunStarted")
    log = next((bench.folder / "store").rglob(f"logs/*{run}*/**/0.log"))
    lost = 0.0 if _digest(log) == _expected() else 1.0
    return [
        Row("1 GB of output: rate", SIZE / 1e6 / seconds, "MB/s", 100, at_least=True),
        Row("1 GB of output: peak memory of the program", ended.peak_mib, "MiB", 150),
        Row("1 GB of output: logs that differ from what was printed", lost, "", 0, note="SHA-256 of all of it"),
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _expected() -> str:
    digest = hashlib.sha256()
    block = LINE * 16_384
    for start in range(0, SIZE, len(block)):
        digest.update(block[: SIZE - start])
    return digest.hexdigest()
