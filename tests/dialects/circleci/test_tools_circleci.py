"""The `circleci` programs of a room, under every shell and awk that is here."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from understudy.dialects.base import Effects, Place
from understudy.dialects.circleci import behave
from understudy.findings import Position
from understudy.model.pipeline import Job, Script, Step, Text

SHELLS = {"dash": ("dash",), "bash": ("bash", "--posix"), "busybox": ("busybox", "sh")}
AWKS = ("mawk", "gawk", "busybox")
APPLETS = ("awk", "find", "sort", "tr", "wc", "cat", "dirname", "xargs")
JOB = Job("build", Text("build"), Position())


@dataclass
class Room:
    """A job's tool folder, home and working directory, and how the tools are run in it."""

    root: Path
    shell: tuple[str, ...]
    path: str
    env: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.root / "project"

    def furnish(self, timings: dict[str, float] | None = None) -> None:
        place = Place("7f3a", "build", 1, home=str(self.root / "home"), workdir=str(self.project))
        for file in behave.furnish(JOB, place, timings or {}):
            target = self.root / "tools" / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
            target.chmod(file.mode)

    def run(self, *words: str, stdin: str = "", tool: str = "circleci") -> subprocess.CompletedProcess[str]:
        tools = self.root / "tools"
        env = {"PATH": f"{tools}:{self.path}", "UNDERSTUDY_STEP": "s1", **self.env}
        argv = (*self.shell, str(tools / tool), *words)
        return subprocess.run(
            argv, cwd=self.project, env=env, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )

    def lines(self, *words: str, stdin: str = "") -> list[str]:
        done = self.run(*words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def add(self, *paths: str, size: int = 0) -> None:
        for path in paths:
            target = self.project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(b"x" * size)

    def effects(self) -> Effects:
        step = Step("s1", Text("Run"), Position(), Script(Text("")))
        return behave.absorb(JOB, step, lambda path: (self.root / path.replace("~", "home", 1)).read_bytes())


def path_with(folder: Path, awk: str) -> str:
    """A PATH whose awk (for busybox, all that busybox has of what the tools call) is the one asked for."""
    folder.mkdir()
    for name in APPLETS if awk == "busybox" else ("awk",):
        (folder / name).symlink_to(shutil.which(awk) or awk)
    return f"{folder}:{os.defpath}:/usr/local/bin:/usr/bin:/bin"


def made(root: Path, shell: str, awk: str) -> Room:
    missing = [name for name in {shell, awk} if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not here")
    (root / "project").mkdir(parents=True)
    room = Room(root, SHELLS[shell], path_with(root / "bin", awk))
    room.furnish()
    return room


@pytest.fixture(params=[(shell, awk) for shell in SHELLS for awk in AWKS], ids="-".join)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Room:
    shell, awk = request.param
    return made(tmp_path / "room", shell, awk)


@pytest.fixture
def any_room(tmp_path: Path) -> Room:
    return made(tmp_path / "room", "dash", "mawk")


TREE = (
    "test_a.py",
    "tests/test_b.py",
    "tests/unit/test_c.py",
    "tests/unit/deep/er/test_d.py",
    "tests/unit/notes.txt",
    "tests/with space.py",
    "tests/é.py",
    "tests/{x}.py",
    "tests/a]b.py",
    "tests/a+b.py",
    ".hidden/test_h.py",
    "spec/one_spec.rb",
)
GLOBS = [
    (("**/test_*.py",), [".hidden/test_h.py", "test_a.py", "tests/test_b.py", "tests/unit/deep/er/test_d.py",
                         "tests/unit/test_c.py"]),
    (("tests/*.txt",), []),
    (("tests/unit/*.txt", "spec/*.rb"), ["spec/one_spec.rb", "tests/unit/notes.txt"]),
    (("tests/unit/**",), ["tests/unit/deep/er/test_d.py", "tests/unit/notes.txt", "tests/unit/test_c.py"]),
    (("tests/**/test_?.py",), ["tests/test_b.py", "tests/unit/deep/er/test_d.py", "tests/unit/test_c.py"]),
    (("tests/?.py",), ["tests/é.py"]),
    (("{spec,tests/unit}/*.{rb,txt}",), ["spec/one_spec.rb", "tests/unit/notes.txt"]),
    (("tests/{test_b,{w*,a+b}}.py",), ["tests/a+b.py", "tests/test_b.py", "tests/with space.py"]),
    (("tests/a[]+]b.py",), ["tests/a+b.py", "tests/a]b.py"]),
    (("tests/a[^]]b.py",), ["tests/a+b.py"]),
    (("tests/[!a]*b.py",), ["tests/test_b.py"]),
    (("tests/[s-u]est_[a-c].py",), ["tests/test_b.py"]),
    ((r"tests/\{x\}.py",), ["tests/{x}.py"]),
    (("./tests/test_*.py",), ["./tests/test_b.py"]),
    (("test_a.py", "nowhere.py"), ["test_a.py"]),
    (("*_a.py", "test_*"), ["test_a.py"]),
    (("nowhere/**/*.py",), []),
]  # fmt: skip


def test_glob(room: Room) -> None:
    room.add(*TREE)
    found = [room.lines("tests", "glob", *patterns) for patterns, _ in GLOBS]
    assert found == [expected for _, expected in GLOBS]


def test_glob_of_an_absolute_pattern(room: Room) -> None:
    room.add("a/b.py")
    assert room.lines("tests", "glob", f"{room.project}/**/*.py") == [f"{room.project}/a/b.py"]


@pytest.mark.parametrize("pattern", ["tests/[a", "tests/{a,b", "tests/*\\"])
def test_glob_tells_of_a_bad_pattern(room: Room, pattern: str) -> None:
    room.add("tests/a")
    done = room.run("tests", "glob", pattern)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"the pattern {pattern} can't be used" in done.stderr


def test_split_by_name_deals_out_in_turn(room: Room) -> None:
    names = "e\nb\n\na b\nc\\d\na\n"
    room.env = {"CIRCLE_NODE_TOTAL": "2", "CIRCLE_NODE_INDEX": "1"}
    assert room.lines("tests", "split", stdin=names) == ["a b", "c\\d"]
    assert room.lines("tests", "split", "--index=0", stdin=names) == ["a", "b", "e"]
    assert room.lines("tests", "split", "--total", "1", "--index", "0", stdin=names) == ["a", "a b", "b", "c\\d", "e"]


def test_split_reads_a_file_and_counts(room: Room) -> None:
    (room.project / "list of tests").write_text("one\ntwo\nthree")
    done = room.run("tests", "split", "--total=2", "--index=0", "--show-counts", "list of tests")
    assert (done.stdout, done.returncode) == ("one\ntwo\n", 0)
    assert "Read 3 items, 2 of them on node 0 of 2." in done.stderr


def test_split_by_file_size(room: Room) -> None:
    room.add("big file", size=900)
    room.add("-mid", "small", size=500)
    names = "small\n-mid\nbig file\n"
    assert room.lines("tests", "split", "--split-by=filesize", "--total=2", "--index=0", stdin=names) == ["big file"]
    done = room.run("tests", "split", "--split-by", "filesize", "--total=2", "--index=1", stdin=names + "gone\n")
    assert (done.stdout, done.returncode) == ("-mid\nsmall\n", 0)
    assert 'No size found for "gone"' in done.stderr


def test_split_by_timings_goes_longest_first(room: Room) -> None:
    room.furnish({"a.py": 1.0, "b.py": 5.0, "./c.py": 3.0, "d.py": 3.0})
    flags = ("tests", "split", "--split-by=timings", "--timings-type=filename", "--total=2")
    names = "a.py\nb.py\nc.py\n./d.py\n"
    # 5 | 3, then 3 to the lesser (3+3), then 1 to the first (5+1).
    assert room.lines(*flags, "--index=0", stdin=names) == ["a.py", "b.py"]
    assert room.lines(*flags, "--index=1", stdin=names) == ["./d.py", "c.py"]


def test_a_test_without_timing_weighs_the_average_or_what_is_given(room: Room) -> None:
    room.furnish({"a": 1.0, "b": 3.0})
    flags = ("tests", "split", "--split-by=timings", "--total=2", "--index=0")
    done = room.run(*flags, stdin="a\nb\nnew\n")
    assert (done.stdout, done.stderr) == ("b\n", 'No timing found for "new"\n')
    assert room.run(*flags, "--time-default=1m0.5s", stdin="a\nb\nnew\n").stdout == "new\n"
    assert room.run(*flags, "--time-default=0", stdin="a\nb\nnew\n").stdout == "b\n"


@pytest.mark.parametrize("timings", [{}, {"other": 2.0}])
def test_without_timings_names_decide(room: Room, timings: dict[str, float]) -> None:
    room.furnish(timings)
    done = room.run("tests", "split", "--split-by=timings", "--total=2", "--index=1", stdin="a\nb\nc\n")
    assert (done.stdout, done.returncode) == ("b\n", 0)
    assert "Error auto-detecting timing type, falling back to weighting by name." in done.stderr


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=some.lists(some.text(alphabet="abé/. $*\\'\"-", min_size=1, max_size=6), max_size=12),
    total=some.integers(1, 5),
    known=some.dictionaries(some.text(alphabet="ab", min_size=1, max_size=2), some.floats(0, 100), max_size=4),
)
def test_every_test_goes_to_exactly_one_node(
    any_room: Room, names: list[str], total: int, known: dict[str, float]
) -> None:
    any_room.furnish(known)
    for by in ("name", "timings"):
        shares = [
            any_room.run(
                "tests", "split", f"--split-by={by}", f"--total={total}", f"--index={index}", stdin="\n".join(names)
            ).stdout.splitlines()
            for index in range(total)
        ]
        assert sorted(name for share in shares for name in share) == sorted(names)
        assert all(share == sorted(share, key=str.encode) for share in shares)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("split", "--total=0"), "--total is at least 1"),
        (("split", "--total=2", "--index=2"), "not below"),
        (("split", "--index=x"), "whole number"),
        (("split", "--split-by=moon"), "name, filesize or timings"),
        (("split", "--timings-type=moon"), "--timings-type is"),
        (("split", "--timings-file=x"), "not reproduced"),
        (("split", "--total"), "takes a value"),
        (("split", "-x"), "no flag -x"),
        (("split", "gone"), "no such file: gone"),
        (("split", "--split-by=timings", "--time-default=soon"), "duration"),
        (("run",), "takes --command"),
        (("glob",), "takes one or more patterns"),
        (("glob", "--x"), "no flag --x"),
        (("dance",), "there is no `circleci tests dance`"),
    ],
)
def test_wrong_calls_are_told(any_room: Room, words: tuple[str, ...], told: str) -> None:
    any_room.furnish({"a": 1.0})
    done = any_room.run("tests", *words, stdin="a\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_run_hands_the_share_to_the_command(room: Room) -> None:
    room.env = {"CIRCLE_NODE_TOTAL": "2", "CIRCLE_NODE_INDEX": "0"}
    names = "b.py a.py\nc.py\n"
    assert room.lines("tests", "run", "--command=xargs -n1 echo", stdin=names) == ["a.py", "c.py"]
    room.lines("tests", "run", "--command", ">names.txt xargs echo", "--split-by=name", stdin=names)
    assert (room.project / "names.txt").read_text() == "a.py c.py\n"


def test_run_ends_as_the_command_does(room: Room) -> None:
    done = room.run("tests", "run", "--command=cat >/dev/null; exit 3", "--verbose", stdin="a\n")
    assert done.returncode == 3
    assert "starting execution" in done.stderr


def test_run_with_an_empty_share_runs_nothing(room: Room) -> None:
    done = room.run("tests", "run", "--command=echo ran", "--total=2", "--index=1", stdin="only\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert "No tests to run on node 1 of 2." in done.stderr


@pytest.mark.parametrize(
    ("tool", "words"),
    [("circleci-agent", ("step", "halt")), ("circleci", ("step", "halt")), ("circleci", ("task", "halt"))],
)
def test_halt(room: Room, tool: str, words: tuple[str, ...]) -> None:
    assert not room.effects().halt
    assert room.run(*words, tool=tool).returncode == 0
    assert room.effects().halt


def test_halt_is_found_on_the_path(any_room: Room) -> None:
    any_room.shell = ("sh", "-c", "circleci-agent step halt", "sh")
    assert any_room.run().returncode == 0
    assert any_room.effects().halt


SUBSTITUTIONS = [
    # The documentation's own example.
    ('{\n  "foo": "$FOO",\n  "provider": "${PROVIDER}"\n}\n', '{\n  "foo": "bar",\n  "provider": "circleci"\n}\n'),
    ("no last newline $FOO", "no last newline bar"),
    ("$NOPE-${NOPE}-$FOO_", "--"),
    ("${NOPE:-x$FOO} ${EMPTY:-y} ${EMPTY-y} ${FOO:-z}", "xbar y  bar"),
    ("${FOO:+yes}${NOPE:+no}${EMPTY+set}${EMPTY:+no}", "yesset"),
    ("${NOPE:={a}} $$FOO $$ $ ${ ${1}", "{a} $FOO $$ $ ${ ${1}"),
    ("$ODD", "a&b\\1 \\& %s"),
]


def test_environment_substitution(room: Room) -> None:
    room.env = {"FOO": "bar", "PROVIDER": "circleci", "EMPTY": "", "ODD": "a&b\\1 \\& %s"}
    found = [room.run("env", "subst", stdin=text).stdout for text, _ in SUBSTITUTIONS]
    assert found == [expected for _, expected in SUBSTITUTIONS]
    assert room.lines("env", "subst", "hello $FOO") == ["hello bar"]


@pytest.mark.parametrize(
    "words", [("run", "release", "plan"), ("config", "validate"), ("run", "oidc", "get"), ("orb",)]
)
def test_what_needs_the_service_is_refused(any_room: Room, words: tuple[str, ...]) -> None:
    done = any_room.run(*words)
    assert done.returncode == 2
    assert f"`circleci {' '.join(words)}` needs the hosted service" in done.stderr


def test_help_and_version(any_room: Room) -> None:
    assert "tests split" in any_room.run("--help").stdout
    assert any_room.run("version").stdout == "understudy\n"


def test_continue(room: Room) -> None:
    room.add("next config.yml")
    parameters = '{ "a": "x \\"y\\" \\u00e9", "b": -12,\n "c": false }'
    assert room.run("next config.yml", parameters, tool="understudy-continue").returncode == 0
    path = f"{room.project}/next config.yml"
    assert room.effects().continuation == (path, {"a": 'x "y" é', "b": -12, "c": False})


def test_continue_with_a_file_of_parameters_or_none(room: Room) -> None:
    room.add("next.yml")
    (room.project / "parameters.json").write_text('{"run-tests": true}\n')
    assert room.run(f"{room.project}/next.yml", "parameters.json", tool="understudy-continue").returncode == 0
    assert room.effects().continuation == (f"{room.project}/next.yml", {"run-tests": True})
    for words in (("next.yml",), ("next.yml", ""), ("next.yml", "{}")):
        assert room.run(*words, tool="understudy-continue").returncode == 0
        assert room.effects().continuation == (f"{room.project}/next.yml", {})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gone.yml",), "can't read the configuration: gone.yml"),
        ((), "takes the path"),
        (("next.yml", "[1]"), "no JSON object"),
        (("next.yml", '{"a": 1.5}'), "a `,` or `}` is missing"),
        (("next.yml", '{"a": null}'), "no string, whole number or boolean"),
        (("next.yml", '{"a": {"b": 1}}'), "no string, whole number or boolean"),
        (("next.yml", "{a: 1}"), "a name in quotes is missing"),
        (("next.yml", '{"a" 1}'), "a `:` is missing"),
        (("next.yml", '{"a": 1} x'), "something follows"),
        (("next.yml", '{"a": "\\x"}'), "no string"),
        (("next.yml", '{"a": 1,}'), "a name in quotes is missing"),
    ],
)
def test_continue_refuses_what_the_service_would(room: Room, words: tuple[str, ...], told: str) -> None:
    room.add("next.yml")
    done = room.run(*words, tool="understudy-continue")
    assert done.returncode == 1
    assert told in done.stderr
    assert room.effects().continuation is None
