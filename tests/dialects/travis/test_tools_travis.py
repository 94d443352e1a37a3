"""The shell of a job and its functions, tried with a real bash."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.dialects.base import Scope
from understudy.dialects.travis import TRAVIS
from understudy.dialects.travis.behave import VERDICTS, absorb
from understudy.findings import NOWHERE
from understudy.model.pipeline import Job, Script, Step, Text
from understudy.model.results import Facts, Outcome

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")

STEP = Step("script.1", Text("x"), NOWHERE, Script(Text("x")))
JOB = Job("j", Text("j"), NOWHERE)


class Shell:
    """A job's home with the tools that a room gets; `line` and `script` perform a line as the steps do."""

    def __init__(self, folder: Path) -> None:
        self.home, self.build, tools = folder / "home", folder / "build", folder / "tools"
        for path in (self.home, self.build):
            path.mkdir()
        for file in TRAVIS.furnish(JOB, Scope(Facts(root="/")), {}):
            place = tools / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
            place.chmod(file.mode)
        self.state = self.home / ".understudy" / "travis"
        self.program = tools / "travis-step"
        self.file = folder / "line"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TRAVIS_HOME": str(self.home),
            "TRAVIS_BUILD_DIR": str(self.build),
            "UNDERSTUDY_TRAVIS": str(self.state),
            "UNDERSTUDY_RETRY_S": "0",
            "UNDERSTUDY_MINUTE_S": "0.05",
        }

    def line(self, text: str, kind: str = "line") -> tuple[int, str]:
        self.file.write_text(text)
        out = self.file.with_name("out")  # no pipe: what goes on in the background would hold it open
        with out.open("w") as stream:
            done = subprocess.run(
                [self.program, kind, self.file],
                env=self.env,
                stdout=stream,
                stderr=stream,
                timeout=30,
                check=False,
                start_new_session=True,
            )
        return done.returncode, out.read_text()

    def script(self, text: str) -> tuple[int, str]:
        return self.line(text, "script")

    def read(self, path: str) -> bytes | None:
        place = Path(path.replace("~", str(self.home), 1))
        return place.read_bytes() if place.is_file() else None


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path)
    yield made
    if not (made.state / "ended").exists() and (made.state / "orders").exists():
        made.line("exit 0")


def test_lines_share_one_shell(shell: Shell) -> None:
    shell.line("X=1; f() { echo got $1; }; mkdir sub; cd sub; set -o pipefail")
    assert shell.line("echo $X; f me; basename $PWD; false | true") == (1, "1\ngot me\nsub\n")


def test_both_streams_come_in_their_order(shell: Shell) -> None:
    assert shell.line("echo a; echo b >&2; echo c") == (0, "a\nb\nc\n")


def test_what_is_printed_is_there_when_the_line_ends(shell: Shell) -> None:
    for number in range(20):
        assert shell.line(f"echo {number}") == (0, f"{number}\n")


def test_a_line_in_the_background_holds_no_other_up(shell: Shell) -> None:
    began = time.monotonic()
    assert shell.line("sleep 30 & echo started; SERVER=$!") == (0, "started\n")
    assert shell.line("kill $SERVER && echo gone") == (0, "gone\n")
    assert time.monotonic() - began < 20


def test_a_line_reads_nothing(shell: Shell) -> None:
    assert shell.line("read -r x; echo [$x]") == (0, "[]\n")


def test_the_result_is_that_of_all_lines_of_the_script(shell: Shell) -> None:
    """https://docs.travis-ci.com/user/environment-variables/#default-environment-variables"""
    shell.line("false")
    assert shell.script("echo [$TRAVIS_TEST_RESULT]; true")[1] == "[]\n"
    assert shell.script("(exit 7)")[0] == 7
    assert shell.script("true")[0] == 0
    assert shell.line("echo $TRAVIS_TEST_RESULT") == (0, "1\n")


@pytest.mark.parametrize("status", [0, 1, 2, 86])
def test_the_end_of_the_shell_is_the_verdict(shell: Shell, status: int) -> None:
    """https://docs.travis-ci.com/user/job-lifecycle/#use-the-exit-command"""
    assert shell.line(f"echo last; exit {status}") == (status, "last\n")
    assert absorb(JOB, STEP, shell.read).verdict is VERDICTS.get(status, Outcome.ERRORED)
    assert shell.line("echo no")[0] == 2


def test_while_the_shell_goes_on_there_is_no_verdict(shell: Shell) -> None:
    shell.line("false")
    assert absorb(JOB, STEP, shell.read).verdict is None


def test_a_line_that_fails_under_errexit_ends_the_shell(shell: Shell) -> None:
    shell.line("set -e")
    assert shell.script("echo a; false; echo b") == (1, "a\n")
    assert absorb(JOB, STEP, shell.read).verdict is Outcome.FAILED


def test_a_command_is_retried_twice(shell: Shell) -> None:
    """https://docs.travis-ci.com/user/common-build-problems/#travis_retry"""
    code, said = shell.line("travis_retry sh -c 'echo x >>tries; exit 4'")
    assert code == 4
    assert (shell.build / "tries").read_text() == "x\n" * 3
    assert "failed. Retrying, 2 of 3." in said
    assert shell.line("travis_retry true") == (0, "")


def test_a_quiet_command_is_waited_for(shell: Shell) -> None:
    """https://docs.travis-ci.com/user/common-build-problems/#build-times-out-because-no-output-was-received"""
    code, said = shell.line("travis_wait 30 sh -c 'sleep 0.12; echo out; exit 3'")
    assert code == 3
    assert "Still running (1 of 30)" in said
    assert said.endswith("out\n")


def test_a_command_that_takes_too_long_is_ended(shell: Shell) -> None:
    code, said = shell.line("travis_wait 1 sleep 20")
    assert code == 137
    assert "Timeout (1 minutes) reached" in said


def test_versions_compare_as_numbers(shell: Shell) -> None:
    assert shell.line("(($(travis_vers2int 20.10) > $(travis_vers2int 20.3.1))) && echo later") == (0, "later\n")


def test_a_language_that_is_not_there_is_told(shell: Shell) -> None:
    code, said = shell.line("travis_use Nonsense 1.2 no-such-program")
    assert code == 1
    assert "no-such-program" in said
    (told,) = absorb(JOB, STEP, shell.read).annotations
    assert (told.level, told.message) == ("error", "this room has no Nonsense: there is no `no-such-program`")


def test_another_version_is_told(shell: Shell) -> None:
    (shell.build / "odd").write_text("#!/bin/sh\necho odd 3.4.5\n")
    (shell.build / "odd").chmod(0o755)
    assert shell.line("PATH=$PWD:$PATH; travis_use Odd 3.4 odd")[0] == 0
    assert absorb(JOB, STEP, shell.read).annotations == ()
    assert shell.line("travis_use Odd 2 odd")[0] == 0
    assert [one.level for one in absorb(JOB, STEP, shell.read).annotations] == ["warning"]


def test_what_one_line_told_is_not_told_again(shell: Shell) -> None:
    shell.line("__understudy_warn careful")
    shell.line("true")
    assert absorb(JOB, STEP, shell.read).annotations == ()


@pytest.mark.parametrize(
    "setting", ["set -u", "set -f", "IFS=,", "set -o posix", "shopt -s nullglob", "unset PATH", "set -x"]
)
def test_settings_of_a_line_stay_and_do_no_harm(shell: Shell, setting: str) -> None:
    shell.line(setting)
    assert shell.line("true")[0] == 0
    assert "out" in shell.script("echo out")[1].splitlines()
    assert shell.script("false")[0] == 1
    assert "1" in shell.line("echo $TRAVIS_TEST_RESULT", "after")[1].splitlines()


@pytest.mark.parametrize("name", ["state", "kind", "file", "out", "result"])
def test_variables_of_the_job_are_its_own(shell: Shell, name: str) -> None:
    shell.env[name] = "mine"
    assert shell.line(f"echo ${name}") == (0, "mine\n")


def test_after_no_script_at_all_the_result_is_good(shell: Shell) -> None:
    assert shell.line("echo [$TRAVIS_TEST_RESULT]", "after") == (0, "[0]\n")


def test_what_the_shell_declares_ends_with_its_line(shell: Shell) -> None:
    """Lines are evaluated inside of a function there, too."""
    shell.line("declare X=1; local Y=2; Z=3")
    assert shell.line('echo "${X:-}${Y:-}$Z"') == (0, "3\n")


def test_a_step_that_is_ended_ends_what_it_runs(shell: Shell, tmp_path: Path) -> None:
    """As the engine ends it: the process group of the step is told, and not that of the shell."""
    shell.line("true")
    shell.file.write_text("(trap 'echo ended >told; exit' TERM; touch begun; while :; do sleep 0.02; done)")
    with subprocess.Popen(
        [shell.program, "line", shell.file], env=shell.env, stdout=subprocess.DEVNULL, start_new_session=True
    ) as step:
        until = time.monotonic() + 10
        while not (shell.build / "begun").exists() and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg(step.pid, signal.SIGTERM)
        assert step.wait(10) == 143
    while not (shell.build / "told").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert (shell.build / "told").read_text() == "ended\n"


def test_where_no_proc_is_a_pipe_carries_what_is_printed(shell: Shell) -> None:
    """As on macOS."""
    shell.program.write_text(shell.program.read_text().replace("=/proc/", "=/nowhere/"))
    assert shell.line("echo one; X=1") == (0, "one\n")
    assert shell.line("echo $X; sleep 5 & (exit 3)") == (3, "1\n")
    assert shell.line("kill $!; echo three") == (0, "three\n")
