"""Every command as it is typed: what it says, its exit code, and bad usage of it without a traceback."""

import argparse
import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Protocol

import pytest

from understudy.cli import parser
from understudy.cli.examples import EXAMPLES
from understudy.cli.main import main

CONFIG = """\
version: 2.1
jobs:
  lint:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: {name: Lint, command: 'echo linted'}}]
  test-a:
    docker: [{image: "cimg/base:current"}]
    steps:
      - run: {name: Test, command: 'echo tested a; mkdir out; echo one > out/a.txt'}
      - store_artifacts: {path: out}
  test-b:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: {name: Test, command: 'printf "tested b"'}}]
  broken:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: {name: Break, command: 'echo "error: no such thing" >&2; exit 3'}}]
  after:
    docker: [{image: "cimg/base:current"}]
    steps: [{run: 'true'}]
  mac:
    macos: {xcode: 15.4.0}
    steps: [{run: 'true'}]
  with-service:
    docker: [{image: "cimg/base:current"}, {image: "postgres:14"}]
    steps: [{run: 'true'}]
  with-docker:
    docker: [{image: "cimg/base:current"}]
    steps: [setup_remote_docker, {run: 'true'}]
workflows:
  good:
    jobs: [lint, test-a, test-b]
  bad:
    jobs: [broken, {after: {requires: [broken]}}]
  apple:
    jobs: [mac, lint]
  only-apple:
    jobs: [mac]
  blocked:
    jobs: [with-service, with-docker, lint, {after: {requires: [with-docker]}}]
"""


class Repository(Protocol):
    """As conftest.py has it."""

    root: Path
    store: Path

    def git(self, *arguments: str) -> None: ...

    def write(self, text: str | bytes, path: str = ".circleci/config.yml") -> None: ...


class Stream(io.StringIO):
    """Takes what is printed, as a pipe would that is read as UTF-8."""

    encoding = "utf-8"


class Typed:
    """What a command printed, and its exit code."""

    def __init__(self, arguments: list[str]) -> None:
        out, error = Stream(), Stream()
        with redirect_stdout(out), redirect_stderr(error):
            try:
                self.code = main(arguments)
            except SystemExit as ended:
                self.code = int(ended.code or 0)
        self.out, self.error = out.getvalue(), error.getvalue()
        assert "Traceback" not in self.out + self.error
        assert "a bug of ours" not in self.error, self.error

    @property
    def words(self) -> str:
        """Both streams on one line."""
        return " ".join((self.out + self.error).split())


@pytest.fixture(autouse=True)
def _here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_STORE", str(repository.store))
    monkeypatch.setenv("UNDERSTUDY_RUNTIME", "plain")
    monkeypatch.setenv("UNDERSTUDY_OFFLINE", "1")
    repository.write(CONFIG)
    repository.git("add", "-A")
    repository.git("commit", "-qm", "one")
    monkeypatch.chdir(repository.root)


def type_(line: str) -> Typed:
    return Typed(line.split())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "invalid choice: 'nonsense'"),
        ("run --no-such-flag", "unrecognized arguments: --no-such-flag"),
        ("run no-such-workflow", "there is no workflow `no-such-workflow`"),
        ("run good -j no-such-job", "there is no job `no-such-job`"),
        ("run good -e no-such-executor", "there is no executor `no-such-executor`"),
        ("run --param novalue", "--param takes NAME=VALUE, not `novalue`"),
        ("run --jobs 0", "`--jobs 0` is less than one"),
        ("run --jobs many", "invalid int value: 'many'"),
        ("run --runtime no-such-runtime", "no-such-runtime"),
        ("run --event no-such-event", "invalid choice: 'no-such-event'"),
        ("run --secret-file no-such-file", "the secret file `no-such-file` can't be read"),
        ("run -C no-such-folder", "`no-such-folder` is no folder"),
        ("plan no-such-workflow", "there is no workflow `no-such-workflow`"),
        ("plan --graph --json", "not allowed with argument"),
        ("plan --ci no-such-service", "`--ci no-such-service` is not known"),
        ("plan --file no-such-file", "`no-such-file` is no file of this repository"),
        ("check no-such-file", "`no-such-file` is no file of this repository"),
        ("check ../../../../etc/passwd", "is no file of this repository"),
        ("runs -n few", "invalid int value: 'few'"),
        ("show ffff", "there is no run `ffff`"),
        ("show", "there are no runs of this repository yet"),
        ("logs", "there are no runs of this repository yet"),
        ("logs ffff", "there is no run `ffff`"),
        ("artifacts ffff", "there is no run `ffff`"),
        ("cache", "the following arguments are required: ACTION"),
        ("cache rm", "the following arguments are required: KEY"),
        ("cache rm no-such-key", "no cache matches `no-such-key`"),
        ("cache gc --keep much", "invalid float value: 'much'"),
        ("completion", "the following arguments are required: shell"),
        ("completion no-such-shell", "invalid choice: 'no-such-shell'"),
        ("orbs add nonsense", "`nonsense` names no orb"),
    ],
)
def test_bad_usage_is_told_and_nothing_happens(repository: Repository, line: str, says: str) -> None:
    done = type_(line)
    assert done.code == 2
    assert says in done.words
    assert done.out == ""
    assert type_("runs").words == "no runs yet; `understudy run` makes the first"


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for line in ("", "run", "plan", "check", "show", "orbs"):
        done = type_(line)
        assert done.code == 2, line
        assert "is not inside a git repository" in done.error
        assert "git init" in done.error


def test_without_a_ci_file(repository: Repository) -> None:
    (repository.root / ".circleci" / "config.yml").unlink()
    for line in ("", "run", "plan", "check"):
        done = type_(line)
        assert done.code == 2, line
        assert "there is no CI file" in done.error
        assert "looked for .circleci/config.yml" in done.words


def test_the_first_screen_says_what_is_here_and_what_to_type() -> None:
    done = type_("")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("repository · branch main · ")
    assert lines[1] == ".circleci/config.yml  5 workflows, 12 jobs"
    assert lines[2] == "  good        3 jobs, would start on push"
    assert re.fullmatch(r"try:  understudy plan +what would start, and why", lines[-3])
    assert lines[-1].split("  ")[3] == "understudy run blocked -j after"


def test_the_first_screen_counts_the_jobs_of_the_file_not_their_cells(repository: Repository) -> None:
    (repository.root / ".circleci/config.yml").unlink()
    repository.write(
        """\
name: CI
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    strategy: {matrix: {x: [1, 2], y: [3, 4]}}
    steps: [{run: make}]
  b:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps: [{run: make}]
""",
        ".github/workflows/ci.yml",
    )
    assert type_("").out.splitlines()[1:3] == [
        ".github/workflows/ci.yml  1 workflow, 2 jobs",
        "  CI  2 jobs, would start on push",
    ]


def test_the_first_screen_of_a_broken_file(repository: Repository) -> None:
    repository.write("version: 2.1\njobs: {a: {docker: [{image: x}], steps: [chekout]}}\nworkflows: {w: {jobs: [a]}}\n")
    done = type_("")
    assert done.code == 2
    assert ".circleci/config.yml:2:42: error: there is no step or command `chekout`" in done.error
    assert done.error.endswith("mend that, then: understudy check\n")


def test_a_run_that_passes_and_what_is_left_of_it(repository: Repository) -> None:
    done = type_("run good --quiet")
    assert done.code == 0
    run = re.search(r"^run (\w+) passed in .*: 3 passed$", done.error, re.MULTILINE)
    assert run, done.error
    assert done.error.endswith(f"understudy logs {run[1]}  all that they printed\n")
    assert re.search(r"✔ test-a  passed in \S+, 1 artifact, 4 B\n", done.error)

    assert type_("show").out.startswith(f"run {run[1]}: good, push on branch main at ")
    assert type_("logs lint").out == "linted\n"
    assert type_("logs test-* --step 1").out == "tested a\ntested b\n"
    assert type_(f"logs {run[1]} test-b --step 1").out == "tested b\n"
    assert type_("logs --follow --step 1").out == "linted\ntested a\ntested b\n"
    rows = [json.loads(line) for line in type_("logs --json lint").out.splitlines()]
    assert rows == [{"job": "lint", "step": 1, "name": "Lint", "text": "linted\n"}]
    assert type_("logs --step 9").code == 2
    assert (
        type_(f"logs {run[1]} nothing").words
        == f"error: run {run[1]} has no job `nothing` hint: it has `lint`, `test-a`, `test-b`"
    )

    assert "a.txt" in type_("artifacts").out
    copied = type_("artifacts -o kept")
    assert copied.code == 0
    assert [path.read_text() for path in (repository.root / "kept").rglob("a.txt")] == ["one\n"]

    listed = json.loads(type_("runs --json").out)
    assert [row["id"] for row in listed["runs"]] == [run[1]]


def test_the_events_of_a_run_as_json() -> None:
    done = type_("run good -j lint --json")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert events[0]["class"] == "RunStarted"
    assert [job["id"] for job in events[0]["jobs"]] == ["lint"]
    assert events[-1] == {"class": "RunFinished", "at": events[-1]["at"], "outcome": "passed"}
    assert "".join(one["text"] for one in events if one["class"] == "StepOutput") == "linted\n"
    kept = [json.loads(line) for line in type_("show --json").out.splitlines()]
    assert kept == [one for one in events if one["class"] != "StepOutput"]


def test_a_run_that_fails() -> None:
    done = type_("run bad")
    assert done.code == 1
    tail = done.error[done.error.index("\n✖") :]
    run = re.search(r"^run (\w+) FAILED in \S+: 1 failed, 1 skipped$", tail, re.MULTILINE)
    assert run
    lines = tail.splitlines()
    assert lines[1].startswith("✖ broken  FAILED after ")
    assert lines[2] == "○ after   skipped: it needs `broken`, which failed"
    assert re.fullmatch(r'FAILED  broken · step 1 "Break" · exit 3 after \S+', lines[-5])
    assert lines[-4] == "  | error: no such thing"
    assert Path(lines[-3].split(maxsplit=1)[1]).read_text() == "error: no such thing\n"
    assert lines[-2:] == [f"  look     understudy logs {run[1]} broken", "  again    understudy run bad -j broken"]
    # What is told to be typed does what is said of it.
    assert "error: no such thing\n" in Typed(lines[-2].split()[2:]).out
    assert Typed(lines[-1].split()[2:]).code == 1


def test_the_command_to_repeat_a_run_keeps_its_event(tmp_path: Path) -> None:
    done = type_(f"run bad -q --branch dev --store {tmp_path / 's'} --no-network")
    assert done.error.splitlines()[-1] == (
        f"  again    understudy run bad -j broken --branch dev --no-network --store {tmp_path / 's'}"
    )


def test_what_this_machine_is_not_is_named_and_never_counted_as_passed() -> None:
    done = type_("run apple -q")
    assert done.code == 0
    assert "not as the service does: - `mac` was not performed: it asks for macOS, and this machine runs" in done.words
    assert "1 skipped, 1 passed" in done.error
    assert type_("run only-apple -q").code == 3


def test_what_is_not_performed_here_stops_a_run_before_it_starts() -> None:
    done = type_("run blocked")
    assert done.code == 2
    assert done.error.splitlines()[-7:] == [
        "not started: 2 jobs need what is not performed here",
        "  with-service  service `postgres:14`  .circleci/config.yml:24:52",
        "  with-docker   setup_remote_docker  .circleci/config.yml:28:13",
        "",
        "start the others, or all of it without those parts:",
        "  understudy run blocked -j lint",
        "  understudy run blocked --go-on",
    ]
    assert type_("runs").out == ""
    assert type_("run blocked -j lint -q").code == 0
    gone_on = type_("run blocked -j with-service --go-on -q")
    assert gone_on.code == 0
    assert "service `postgres:14` (image `postgres:14`) was not started" in gone_on.words


@pytest.mark.parametrize("flag", ["", "--quiet", "--verbose"])
def test_what_stands_in_is_told_once_in_a_log_and_once_in_the_summary(flag: str) -> None:
    done = type_(f"run good {flag}")
    assert done.words.count("in place of image `cimg/base:current`") == (1 if flag == "--quiet" else 2)
    assert ("| linted" in done.error) == (flag == "--verbose")


def test_colour_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in type_("run good -q").error
    assert "\x1b[32m" in type_("run good -q --color always").error
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32m" in type_("run good -q").error
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in type_("run good -q").error


def _parsers(built: argparse.ArgumentParser, name: str = "understudy") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, built
    for action in built._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner, child in action.choices.items():
                if inner != "conformance":  # for those who build this program
                    yield from _parsers(child, inner if inner in EXAMPLES else f"{name} {inner}")


@pytest.mark.parametrize(("name", "built"), list(_parsers(parser.build())))
def test_help_has_examples_that_parse(name: str, built: argparse.ArgumentParser) -> None:
    text = built.format_help()
    assert "examples:\n" in text
    for command, what in EXAMPLES[name]:
        assert command in text
        assert what in text
        words = re.split(r" [|>] ", command)[0].replace("'", "").split()
        parser.build().parse_args(words[1:])


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_every_command(shell: str) -> None:
    pytest.importorskip("shtab")
    script = type_(f"completion {shell}").out
    assert all(name.split()[-1] in script for name, _ in _parsers(parser.build()))


def test_completion_knows_what_is_a_file_and_which_names_there_are() -> None:
    pytest.importorskip("shtab")
    lines = set(type_("completion bash").out.splitlines())
    assert {
        "_shtab_understudy_check_pos_0_COMPGEN=_shtab_compgen_files",
        "_shtab_understudy_plan___file_COMPGEN=_shtab_compgen_files",
        "_shtab_understudy_run__C_COMPGEN=_shtab_compgen_dirs",
        "_shtab_understudy_run___runtime_choices=(docker podman sandbox plain)",
        "_shtab_understudy_run___event_choices=(push tag pull-request schedule api)",
    } <= {line.replace("'", "") for line in lines}


def test_a_check_of_one_file_leads_to_its_plan(repository: Repository) -> None:
    file = ".github/workflows/a.yml"
    repository.write("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n", file)
    assert type_(f"check {file}").error.endswith(f"what it would start: understudy plan --file {file}\n")


def test_the_first_screen_names_the_folder_of_several_files_of_another_service(repository: Repository) -> None:
    for name in ("a", "b"):
        repository.write("on: push\njobs: {}\n", f".github/workflows/{name}.yml")
    assert "also here: .github/workflows/ (used with --ci github)" in type_("").out.splitlines()


def test_a_dry_run_does_not_fail_for_what_its_steps_would_have_made(repository: Repository) -> None:
    docker = 'docker: [{image: "cimg/base:current"}]'
    repository.write(f"""\
version: 2.1
jobs:
  make:
    {docker}
    steps:
      - run: make tools
      - restore_cache: {{keys: ['tools-{{{{ checksum "made.txt" }}}}']}}
      - persist_to_workspace: {{root: built, paths: [all]}}
  use:
    {docker}
    steps:
      - attach_workspace: {{at: .}}
      - run: 'false'
workflows:
  w:
    jobs: [make, use: {{requires: [make]}}]
""")
    done = type_("run --dry-run")
    assert done.code == 0, done.error
    assert done.error.count(" passed in ") >= 7
    assert "`checksum` can't open `/home/fake/project/made.txt`" in type_("logs --step 2").out
    assert type_("run --runtime fake").code == 1, "to be told that a file is wrong one must ask for it"


@pytest.mark.parametrize(
    ("steps", "performed"),
    [("3", ["two"]), ("3-", ["two", "three"]), ("-3", ["one", "two"]), ("2-9", ["one", "two", "three"])],
)
def test_only_some_steps(steps: str, performed: list[str], repository: Repository) -> None:
    job = (
        "docker: [{image: 'cimg/base:current'}], steps: [checkout, {run: echo one}, {run: echo two}, {run: echo three}]"
    )
    repository.write(f"version: 2.1\njobs: {{a: {{{job}}}}}\nworkflows: {{w: {{jobs: [a]}}}}\n")
    ended = type_(f"run -j a --steps {steps} --json")
    events = [json.loads(line) for line in ended.out.splitlines()]
    outcomes = {one["name"]: one["result"]["outcome"] for one in events if one["class"] == "StepFinished"}
    passed = [name for name, outcome in outcomes.items() if outcome == "passed"]
    assert passed[1:] == [f"echo {word}" for word in performed]  # the checkout, which is step 1, is always performed
    assert set(outcomes.values()) <= {"passed", "skipped"}


@pytest.mark.parametrize("steps", ["", "0", "3-2", "a", "1-2-3", "-"])
def test_no_range_of_steps(steps: str) -> None:
    with pytest.raises(SystemExit):
        parser.build().parse_args(["run", "-j", "a", f"--steps={steps}"])
