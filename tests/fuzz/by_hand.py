"""Throws inputs at everything that reads what others wrote, until so many have been tried: a tool, run by hand.

    nice python tests/fuzz/by_hand.py --inputs 1000000 --seconds 300 [--seed N] [--only archive]

Inputs are changed files of `../shared/corpus` (where it is there) and of `tests/cases`, and others made from grammars.
A target may answer with findings or with the exceptions that it declares. Anything else, and what takes longer than
`--slow` seconds, is printed with its input, and the program ends with 1. Two CPUs: start it twice, with two seeds.
"""

import argparse
import io
import random
import sys
import tarfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.dialects.circleci import CIRCLECI, keys, logic
from understudy.dialects.circleci.filters import matches
from understudy.engine.archive import Contents, Refused, screened
from understudy.engine.mask import Masker, Secrets
from understudy.errors import InputError
from understudy.model.results import Facts
from understudy.plan.origin import parse_origin
from understudy.plan.planner import plan
from understudy.text.yaml import dump, load

ROOT = Path(__file__).parents[2]
FACTS = Facts(root="/", branch="dev", changed_files=("a/b", "src/x.py"))
SCOPE = Scope(FACTS, Place("1", "n", 1, workdir="/w", home="/h"), env={"A": "b"}, read_file=lambda _path: b"x")
WORDS = (
    "", "~", "true", "no", "0", "-1", "1e999", "0o7", "é", "\U0001f389", "\0", "\x1b[31m", "\u2028", "\ufeff", "*a",
    "&a", "!!x", "<<", ">>", "<< parameters.x >>", "<< pipeline.git.branch >>", "<<: *a", '{{ checksum "a" }}',
    "{{", "}}", "- ", ": ", "\t", "|", ">-", "? ", "---", "...", "%YAML 1.1", "[", "]", "{", "}", "run", "steps",
    "jobs", "workflows", "version: 2.1", "requires", "matrix", "checkout", "when", "/(a+)+b/", "/[/", "../..",
    "/etc/passwd", "a" * 300,
)  # fmt: skip
"""What changes put into texts."""
KEY_WORDS = (
    "{{", "}}", " ", ".Branch", ".Environment.A", "checksum", '"a"', "`a`", "epoch", "arch", "-", "v1-", '"', "\\",
    "/*", "*/", "\n", "{{-", "-}}", ".Environment", "é",
)  # fmt: skip
PATTERN_WORDS = (
    "a", "b", ".", ".*", "+", "*", "?", "(", ")", "(?:", "(?i)", "(?=", "[a-z]", "[^", "]", "{2}", "{1,3}", "{,}",
    "|", "^", "$", "\\d", "\\Q", "\\E", "\\p{Alpha}", "\\1", "\\", "/", "(?<n>", "\\k<n>", "++", "*+", "&&",
    "\\x41", "\\u0041", "\\0", "é",
)  # fmt: skip
EXPRESSION_WORDS = (
    "pipeline.git.branch", "pipeline.number", '"a"', "'a'", "1", "-1", "true", "false", "null", "==", "!=", "=~",
    "starts-with", "<", ">=", "and", "or", "not", "(", ")", "/a.*/", "x.y", " ", "&&", "||", "!", "in",
)  # fmt: skip
VALUES: dict[str, object] = {"pipeline.git.branch": "dev", "pipeline.number": 3}
NAMES = ("a", "b", "a/b", "../a", "/a", "l", "l/a", "./a", "a//b", "", ".", "é", "a\n", "a" * 200)
KINDS = (b"0", b"\0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"x", b"g", b"L", b"K", b"S", b"Z")
SECRETS = ("hunter2", "p@ss w/rd+é", "-----BEGIN-----\nabcdefghijkl\n-----END-----", "aaaa")

Target = Callable[[random.Random], tuple[object, Callable[[], object]]]
"""Makes an input, and gives it with what is to be done with it."""


def files() -> list[bytes]:
    """Files to begin from."""
    places = (*ROOT.glob("tests/cases/*/*/config.yml"), *ROOT.glob("../shared/corpus/circleci/*.yml"))
    return [path.read_bytes() for path in sorted(places) if path.stat().st_size < 6_000]


def joined(words: tuple[str, ...], chance: random.Random, most: int = 8) -> str:
    """Some of `words`, one after another."""
    return "".join(chance.choices(words, k=chance.randint(0, most)))


def changed(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` with a few changes: words put in, parts taken out, doubled, swapped with `other`'s, bytes flipped."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.randint(0, 60))
        piece = chance.choice((
            chance.choice(WORDS).encode(),
            b"",
            data[at:end] * 2,
            other[at:end],
            bytes(chance.randbytes(1)),
            b"\n" + b" " * chance.randint(0, 12) + chance.choice(WORDS).encode(),
        ))  # fmt: skip
        data = data[:at] + piece + data[end:]
    return data


def made(chance: random.Random, depth: int = 0) -> object:
    """A tree of what a file may hold, good and bad."""
    kind = chance.random()
    if depth > 4 or kind < 0.4:
        return chance.choice((None, True, 0, 1.5, chance.choice(WORDS), "build", "checkout"))
    if kind < 0.6:
        return [made(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    words = (
        "jobs",
        "steps",
        "run",
        "docker",
        "image",
        "requires",
        "when",
        "filters",
        "matrix",
        "parameters",
        "type",
        "command",
        "w",
        "a",
    )
    return {chance.choice(words): made(chance, depth + 1) for _ in range(chance.randint(0, 4))}


def config(chance: random.Random) -> bytes:
    """A small file of the service's grammar, with strange parts."""
    job = {"docker": [{"image": "a"}], "steps": ["checkout", made(chance, 3), {"run": chance.choice(WORDS)}]}
    entry = {
        "build": {"requires": ["build", chance.choice(WORDS)], "filters": made(chance, 2), "matrix": made(chance, 2)}
    }
    tree = {
        "version": 2.1,
        "jobs": {"build": job, chance.choice(WORDS): made(chance, 2)},
        "commands": made(chance, 2),
        "parameters": made(chance, 2),
        "workflows": {"w": {"jobs": ["build", entry], "when": made(chance, 2)}},
    }
    return repr(tree).replace("None", "null").replace("True", "true").encode("utf-8", "replace")


class Targets:
    """The targets, by name, each with how many of a thousand inputs it gets."""

    def __init__(self) -> None:
        self._files = files()
        self.shares: dict[str, tuple[int, Target]] = {
            "yaml": (200, self.yaml),
            "planner": (110, self.planner),
            "keys": (170, self.keys),
            "filters": (130, self.filters),
            "logic": (170, self.logic),
            "archive": (150, self.archive),
            "mask": (40, self.mask),
            "origin": (30, self.origin),
        }

    def _file(self, chance: random.Random) -> bytes:
        if not self._files or chance.random() < 0.5:
            return config(chance)
        return changed(chance.choice(self._files), chance.choice(self._files), chance)

    def yaml(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """The YAML layer: what it reads it also writes, and reads again as the same."""
        data = joined(WORDS, chance, 12).encode() if chance.random() < 0.7 else self._file(chance)[:1500]

        def work() -> None:
            loaded = load(data.decode("utf-8", "replace"), "c.yml")
            if loaded.root is not None and not loaded.findings:
                dump(loaded.root)

        return data, work

    def planner(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """CircleCI's reader and the planner."""
        data = self._file(chance)

        def work() -> None:
            reading = CIRCLECI.read("c.yml", {"c.yml": data}.get, FACTS)
            with suppress(InputError):
                plan(reading.pipelines, FACTS, CIRCLECI)

        return data, work

    def keys(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Templates of cache keys: what has no problem can be rendered."""
        text = joined(KEY_WORDS, chance, 10)

        def work() -> None:
            if keys.problem(text) is None:
                with suppress(EvaluationError):
                    keys.render(text, SCOPE)

        return text, work

    def filters(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Branch and tag filters."""
        pattern, name = f"/{joined(PATTERN_WORDS, chance, 7)}/", joined(("a", "b", "ab", "/", "1", "é"), chance, 30)

        def work() -> None:
            with suppress(EvaluationError):
                matches(pattern, name)

        return (pattern, name), work

    def logic(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Expressions and logic statements."""
        text = " ".join(chance.choices(EXPRESSION_WORDS, k=chance.randint(0, 9)))
        tree = {chance.choice(("and", "or", "not", "equal", "matches")): made(chance, 2)}

        def work() -> None:
            with suppress(EvaluationError):
                logic.evaluate_expression(text, VALUES)
            with suppress(EvaluationError):
                logic.evaluate_logic(tree)

        return (text, tree), work

    def archive(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Archives: what passes stays inside and is what the standard library sees in it."""
        data = bytearray()
        for _ in range(chance.randint(0, 5)):
            info = tarfile.TarInfo(chance.choice(NAMES))
            info.type, info.linkname = chance.choice(KINDS), chance.choice(NAMES)
            info.size = chance.choice((0, 0, 3, 512, 1 << 40))
            if chance.random() < 0.2:
                info.pax_headers = {
                    chance.choice(("path", "size", "linkpath", "mtime")): chance.choice(WORDS).replace("\0", "")
                }
            with suppress(ValueError):
                data += info.tobuf(chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)), "utf-8", "surrogateescape")
            data += b"x" * min(info.size, 600) + bytes(-min(info.size, 600) % 512)
        data += bytes(1024)
        for _ in range(chance.choice((0, 0, 1, 3))):
            data[chance.randrange(len(data))] = chance.randrange(256)

        def work() -> None:
            with suppress(Refused):
                check_kept(screened(io.BytesIO(bytes(data)), Contents()).read())

        return bytes(data), work

    def mask(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Masking: the cuts of a stream make no difference."""
        secrets = Secrets(chance.sample(SECRETS, 2))
        text = joined((*SECRETS, "hunt", "er2", "\n", "a", "p@", "\r\n"), chance, 12).encode()
        cuts = sorted(chance.randint(0, len(text)) for _ in range(4))

        def work() -> None:
            masker = Masker(secrets)
            edges = [0, *cuts, len(text)]
            out = b"".join(masker.feed(text[start:end]) for start, end in pairwise(edges))
            assert out + masker.finish() == secrets.hide(text)

        return (text, cuts, secrets.values), work

    def origin(self, chance: random.Random) -> tuple[object, Callable[[], object]]:
        """Addresses of repositories: no password is left in them."""
        words = (
            "https://",
            "ssh://",
            "git@",
            "u:s3cret@",
            "h.example",
            ":",
            "/",
            "o",
            "r.git",
            "[",
            "]",
            "?x=s3cret",
            "#",
            "@",
            "%40",
            "\n",
            "file://",
        )
        url = joined(words, chance, 8)

        def work() -> None:
            parse_origin(url)

        return url, work


def check_kept(kept: bytes) -> None:
    """What was let through, as the standard library reads it."""
    links: set[str] = set()
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        for info in tar:
            parts = info.name.split("/")
            assert not info.name.startswith("/"), info.name
            assert ".." not in parts, info.name
            assert not any("/".join(parts[:depth]) in links for depth in range(1, len(parts))), info.name
            assert info.isreg() or info.isdir() or info.issym() or info.islnk(), info.type
            if info.issym():
                links.add(info.name)


def main() -> int:
    """Tries inputs; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=float, default=5.0)
    parser.add_argument("--only")
    options = parser.parse_args()
    targets = Targets().shares
    chosen = {name: one for name, one in targets.items() if options.only in (None, name)}
    names = [name for name, (share, _) in chosen.items() for _ in range(share)]
    chance = random.Random(options.seed)
    until = time.monotonic() + options.seconds
    done: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    while done.total() < options.inputs and time.monotonic() < until:
        name = chance.choice(names)
        given, work = chosen[name][1](chance)
        started = time.process_time()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - that is what it looks for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{name}: {type(error).__name__} at {frame.filename.rpartition('/')[2]}:{frame.lineno}"
            bad[where] += 1
            if bad[where] == 1:
                print(f"{where}: {error}\n  input: {given!r}"[:3000], flush=True)
        took = time.process_time() - started
        if took > options.slow:
            bad[f"{name}: slow"] += 1
            print(f"{name}: took {took:.1f} s\n  input: {given!r}"[:3000], flush=True)
        done[name] += 1
        spent[name] += int(took * 1e6)
    for name in chosen:
        print(f"{name:8} {done[name]:9,} inputs, {spent[name] / max(done[name], 1):7.0f} us each")
    print(f"{done.total():,} inputs, {bad.total()} bad: {dict(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
