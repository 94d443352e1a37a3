"""Scripts as the service gives them to the shell: in bash, and in the plainest shell there is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from understudy.dialects.bitbucket.shell import going_on, leaving, left_values, named_in, script_text, values_path
from understudy.model.pipeline import Text

SHELLS = [path for name in ("bash", "dash", "busybox") if (path := shutil.which(name))]


@pytest.fixture(params=SHELLS, ids=lambda path: Path(path).name)
def shell(request: pytest.FixtureRequest) -> list[str]:
    path: str = request.param
    return [path, "sh"] if path.endswith("busybox") else [path]


def run(shell: list[str], text: str, folder: Path) -> tuple[int, list[str]]:
    script = folder / "script"
    script.write_text(text)
    done = subprocess.run([*shell, str(script)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_lines_are_told_and_share_one_shell(shell: list[str], tmp_path: Path) -> None:
    text = script_text(["word=kept", 'echo "$word"', "if true\nthen echo 'it''s'\nfi"])
    assert run(shell, text, tmp_path) == (
        0,
        ["+ word=kept", '+ echo "$word"', "kept", "+ if true", "then echo 'it''s'", "fi", "its"],
    )


def test_the_first_that_fails_ends_it(shell: list[str], tmp_path: Path) -> None:
    assert run(shell, script_text(["(exit 7)", "echo never"]), tmp_path) == (7, ["+ (exit 7)"])


@pytest.mark.parametrize("line", ["false && true", "false | cat", "! true", "if false; then echo no; fi"])
def test_what_the_shell_lets_pass_passes(shell: list[str], tmp_path: Path, line: str) -> None:
    """https://support.atlassian.com/bitbucket-cloud/kb/why-does-bitbucket-pipelines-pass-build-steps-despite-previous-command-failure/"""
    code, printed = run(shell, script_text([line, "echo after"]), tmp_path)
    assert (code, printed[-1]) == (0, "after")


def test_a_later_shell_goes_on_from_an_earlier_one(shell: list[str], tmp_path: Path) -> None:
    state = str(tmp_path / "state of it")
    (tmp_path / "a folder").mkdir()
    lines = ["plain='with \"all\" kinds of '\\''quotes'\\'''", "export SEEN='two\nlines'", "cd 'a folder'", "set +e"]
    code, _ = run(shell, script_text(lines, after=leaving(state, ["SEEN", "ABSENT"])), tmp_path)
    assert code == 0
    values = left_values(Path(values_path(state)).read_bytes(), ["SEEN", "ABSENT"])
    assert values == {"SEEN": "two\nlines", "ABSENT": ""}
    more = ['echo "$plain"', "sh -c 'echo \"$SEEN\"'", 'basename "$(pwd)"', "false", "echo on"]
    code, printed = run(shell, script_text(more, before=going_on(state)), tmp_path)
    assert code == 0
    assert [line for line in printed if not line.startswith("+ ")] == [
        "with \"all\" kinds of 'quotes'",
        "two",
        "lines",
        "a folder",
        "on",
    ]


def test_bash_keeps_functions_arrays_and_options(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    state = str(tmp_path / "state")
    lines = ['f() { echo "f of $1"; }', "list=(one 'two three')", "shopt -s extglob"]
    assert run([bash], script_text(lines, after=leaving(state, [])), tmp_path)[0] == 0
    more = ["f it", 'echo "${list[1]}"', "shopt -q extglob && echo extended"]
    _, printed = run([bash], script_text(more, before=going_on(state)), tmp_path)
    assert [line for line in printed if not line.startswith("+ ")] == ["f of it", "two three", "extended"]


def test_a_shell_that_left_early_has_not_come_to_its_end(shell: list[str], tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    assert run(shell, script_text(["exit 0"], after=leaving(state, ["A"])), tmp_path)[0] == 0
    assert not Path(values_path(state)).exists()
    assert left_values(None, ["A"]) is None


def test_variables_are_named_each_once() -> None:
    assert named_in([Text("$ONE ${TWO} $ONE"), Text("$$ $1 ${no-such} $_x")]) == ("ONE", "TWO", "_x")
