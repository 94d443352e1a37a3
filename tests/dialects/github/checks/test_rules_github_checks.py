"""Ids, needs, schedules, patterns, conditions, matrices, shells, runners and what else has rules of its own.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
"""

from collections.abc import Callable

import pytest

from understudy.dialects.github.checks import globs

Codes = Callable[..., list[str]]


def job(body: str, on: str = "push") -> str:
    """A workflow with one job that has `body`, indented by four, before its one step."""
    return f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n{body}    steps:\n      - run: echo\n"


@pytest.mark.parametrize(
    ("id_", "good"), [("build", True), ("_a-1", True), ("1a", False), ("a.b", False), ("-a", False)]
)
def test_ids(id_: str, good: bool, codes: Codes) -> None:  # noqa: FBT001 - a value of the table
    text = job("").replace("  a:", f"  {id_}:")
    assert codes(text) == ([] if good else ["bad-id 3:3"])


def test_ids_are_there_once_whatever_their_case(codes: Codes) -> None:
    text = job("") + "      - id: x\n        run: echo\n      - id: X\n        run: echo\n"
    assert codes(text) == ["duplicate-id 9:13"]


def test_needs_lead_somewhere_and_not_in_a_circle(codes: Codes) -> None:
    def jobs(**needs: str) -> str:
        rows = [f"  {key}: {{needs: {value}, runs-on: x64, steps: [run: echo]}}" for key, value in needs.items()]
        return "\n".join(["on: push", "jobs:", *rows, ""])

    assert codes(jobs(a="[b]", b="[]"))[0] == "nothing-listed 4:14"
    assert codes(jobs(a="c")) == ["unknown-need 3:14"]
    assert codes(jobs(a="[b, B]", b="[]"))[0] == "duplicate-need 3:18"
    assert codes(jobs(a="[b]", b="[c]", c="[a]")) == ["needs-cycle 3:3"]
    assert codes(jobs(c="a", a="b", b="a")) == ["needs-cycle 4:3"]


@pytest.mark.parametrize(
    ("cron", "code"),
    [
        ("30 5 * * 1,3", ""),
        ("*/5 * * * *", ""),
        ("*/15 4-6 * jan-mar mon-fri", ""),
        ("20/15 * * * *", ""),
        ("57,1 5,7 * * *", ""),
        ("57,1 * * * *", "odd-cron"),
        ("*/4 * * * *", "odd-cron"),
        ("* */3 * * *", "odd-cron"),
        ("0 0 29 2 *", ""),
        ("0 0 31 4,6 *", "odd-cron"),
        ("0 0 31 4 1", ""),
        ("0 */3 * *", "bad-cron"),
        ("60 * * * *", "bad-cron"),
        ("0 24 * * *", "bad-cron"),
        ("0 0 0 * *", "bad-cron"),
        ("0 0 * * 7", "bad-cron"),
        ("0 0 * * someday", "bad-cron"),
    ],
)
def test_cron(cron: str, code: str, codes: Codes) -> None:
    """The service reads days of the week from 0 to 6, and only warns of runs less than five minutes apart.

    https://github.com/actions/languageservices/blob/main/workflow-parser/src/model/converter/cron.ts.
    """
    text = job("", on=f"{{schedule: [{{cron: '{cron}'}}]}}")
    assert codes(text) == ([f"{code} 1:24"] if code else [])


def test_time_zones_are_those_of_the_iana(codes: Codes) -> None:
    assert codes(job("", on="{schedule: [{cron: '0 5 * * *', timezone: Asia/Tokyo}]}")) == []
    assert codes(job("", on="{schedule: [{cron: '0 5 * * *', timezone: Asia/Nowhere}]}")) == ["bad-timezone 1:47"]
    assert codes(job("", on="schedule")) == ["missing-schedule 1:5"]


@pytest.mark.parametrize(
    "pattern", ["main", "releases/**", "v[12].[0-9]+.*", "!docs", "feature/*", "**", "*.jsx?", "v2*"]
)
def test_patterns_of_the_cheat_sheet(pattern: str) -> None:
    assert list(globs.problems(pattern, ref=True)) == []
    assert list(globs.problems(pattern, ref=False)) == []


@pytest.mark.parametrize(
    ("pattern", "ref", "offset"),
    [
        ("^foo-", True, 0),
        ("v*+", True, 2),
        ("?", True, 0),
        ("v[9-1]", True, 1),
        ("v[", True, 1),
        ("v[]", False, 1),
        ("a b", True, 1),
        ("/main", True, 0),
        ("main/", True, 4),
        ("!", True, 0),
        ("./src", False, 0),
        (" src", False, 0),
    ],
)
def test_patterns_that_never_match(pattern: str, ref: bool, offset: int) -> None:  # noqa: FBT001 - of the table
    assert [at for at, _ in globs.problems(pattern, ref=ref)] == [offset]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("github.ref == 'a'", ""),
        ("${{ github.ref == 'a' }}", ""),
        ("always()", ""),
        ("'true '", "constant-condition"),
        ("${{ false }}", "constant-condition"),
        ("contains('ab', 'a')", "constant-condition"),
        ("${{ github }}", "constant-condition"),
        ("${{ github.ref }} && ${{ github.sha }}", "always-true"),
        ("'!${{ github.ref }}'", "always-true"),
        ("'${{ github.ref }} '", "always-true"),
    ],
)
def test_conditions(condition: str, code: str, codes: Codes) -> None:
    assert codes(job(f"    if: {condition}\n")) == ([f"{code} 5:9"] if code else [])


def test_a_block_makes_the_condition_a_text(codes: Codes) -> None:
    assert codes(job("    if: |\n      ${{ github.ref == 'a' }}\n")) == ["always-true 5:9"]


def test_matrices(codes: Codes) -> None:
    text = job(
        "    strategy:\n      matrix:\n        node: [10, 12, 12]\n        os: [{name: a, arch: b}]\n        exclude:\n"
        "          - node: 13\n          - platform: x\n          - os: {arch: b}\n"
        "          - node: ${{ github.ref }}\n"
    )
    assert codes(text) == ["duplicate-value 7:24", "useless-exclude 10:19", "bad-exclude 11:13"]


@pytest.mark.parametrize(
    ("runner", "shell", "code"),
    [
        ("ubuntu-latest", "bash", ""),
        ("ubuntu-latest", "perl {0}", ""),
        ("ubuntu-latest", "dash", "bad-shell"),
        ("ubuntu-latest", "powershell", "shell-elsewhere"),
        ("windows-latest", "PowerShell", ""),
        ("windows-latest", "sh", "shell-elsewhere"),
        ("self-hosted", "cmd", ""),
    ],
)
def test_shells(runner: str, shell: str, code: str, codes: Codes) -> None:
    text = job("").replace("ubuntu-latest", runner) + f"        shell: {shell}\n"
    assert codes(text) == ([f"{code} 7:16"] if code else [])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("ubuntu-24.04-arm", []),
        ("[self-hosted, linux, gpu]", []),
        ("[self-hosted, anything]", []),
        ("ubuntu-18.04", ["no-such-runner 4:14"]),
        ("windows-2019", ["no-such-runner 4:14"]),
        ("ubuntu-30.04", []),
        ("ubuntu-24.4", ["unknown-runner 4:14"]),
        ("our-own", ["unknown-runner 4:14"]),
        ("[ubuntu-latest, windows-latest]", ["conflicting-labels 4:30"]),
        ("[linux, windows-latest]", ["conflicting-labels 4:22"]),
        ("[self-hosted, macos, linux]", ["odd-labels 4:35"]),
        ("[macos-latest, macos-15]", []),
        ("[windows-latest, windows-2022]", []),
    ],
)
def test_runners(labels: str, expected: list[str], codes: Codes) -> None:
    assert codes(job("").replace("ubuntu-latest", labels)) == expected


def test_runners_of_a_matrix(codes: Codes) -> None:
    text = job("    strategy: {matrix: {os: [ubuntu-latest, macos-12]}}\n").replace(
        "runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}"
    )
    assert codes(text) == ["no-such-runner 5:45"]
    text = job("    strategy: {matrix: {os: [ubuntu-latest, windows-latest]}}\n")
    assert codes(text.replace("runs-on: ubuntu-latest", "runs-on: ${{ matrix.os }}")) == []
    beside = text.replace("runs-on: ubuntu-latest", "runs-on: [linux, '${{ matrix.os }}']")
    assert codes(beside) == ["conflicting-labels 5:45"]


def test_names_passwords_and_old_commands(codes: Codes) -> None:
    text = job(
        "    env:\n      A B: c\n      ${{ github.ref }}-x: d\n"
        "    container: {image: x, credentials: {username: u, password: secret}}\n"
    )
    text += "      - run: echo '::set-output name=a::b'\n      - run: echo '::debug::a'\n"
    assert codes(text) == ["bad-variable-name 6:7", "password-in-file 8:64", "old-command 11:14"]


def test_amounts_and_what_must_be_there(codes: Codes) -> None:
    text = job(
        "    timeout-minutes: 0\n    container: {credentials: {username: u}}\n    strategy: {max-parallel: 1.5}\n"
    )
    lines = [one.split(":")[0] for one in codes(text)]
    assert sorted(lines) == ["bad-amount 5", "bad-amount 7", "missing-credential 6", "missing-image 6"]


@pytest.mark.parametrize(
    ("on", "code", "place"),
    [
        ("{push: {branches: a, tags: b}}", "", ""),
        ("{push: {branches: a, branches-ignore: b}}", "both-filters", "branches-ignore"),
        ("{push: {paths-ignore: a, paths: b}}", "both-filters", "paths: b"),
        ("{workflow_run: {types: completed}}", "missing-workflows", "workflow_run"),
        ("{workflow_dispatch: {inputs: {a: {type: choice, options: [x, y], default: y}}}}", "", ""),
        ("{workflow_dispatch: {inputs: {a: {type: choice}}}}", "bad-input", "a: {type"),
        ("{workflow_dispatch: {inputs: {a: {type: choice, options: [x, x]}}}}", "bad-input", "x]"),
        ("{workflow_dispatch: {inputs: {a: {type: choice, options: [x], default: y}}}}", "bad-input", "y}"),
        ("{workflow_dispatch: {inputs: {a: {type: string, options: [x]}}}}", "bad-input", "a: {type"),
        ("{workflow_dispatch: {inputs: {a: {type: number, default: x}}}}", "bad-default", "x}"),
        ("{workflow_call: {inputs: {a: {type: boolean, default: x}}}}", "bad-default", "x}"),
        ("{workflow_call: {inputs: {a: {type: string, default: x, required: true}}}}", "useless-default", "x, "),
    ],
)
def test_events(on: str, code: str, place: str, codes: Codes) -> None:
    text = job("", on=on)
    assert codes(text) == ([f"{code} 1:{text.index(place) + 1}"] if code else [])


def test_inputs_of_a_start_by_hand_are_25_at_most(codes: Codes) -> None:
    inputs = ", ".join(f"i{number}: {{}}" for number in range(26))
    assert codes(job("", on=f"{{workflow_dispatch: {{inputs: {{{inputs}}}}}}}")) == ["too-many-inputs 1:6"]


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ("wait: b", []),
        ("wait: [b, b]", []),
        ("cancel: b", []),
        ("wait-all:", []),
        ("wait-all: true", []),
        ("wait-all: false", ["bad-value 10:19"]),
        ("wait: c", ["unknown-step 10:15"]),
        ("wait: [b, B]", ["unknown-step 10:19"]),
        ("wait: later", ["unknown-step 10:15"]),
        ("cancel: __run", ["bad-id 10:17"]),
        ("wait: f", ["not-in-background 10:15"]),
        ("{wait: i, id: i}", ["unknown-step 10:16"]),
        ("parallel: [{run: a, id: p}, {uses: actions/checkout@v4}]", []),
        ("parallel: [{run: a, background: true}]", ["not-in-parallel 10:29"]),
        ("parallel: [{wait: b}, {wait-all: }]", ["not-in-parallel 10:21", "not-in-parallel 10:32"]),
        ("parallel: [{parallel: [{run: a}]}]", ["not-in-parallel 10:21"]),
    ],
)
def test_what_waits_for_steps_in_the_background(step: str, wrong: list[str], codes: Codes) -> None:
    before = "      - {run: serve, background: true, id: b}\n      - {run: make, id: f}\n      - run: x\n"
    after = "      - {run: later, background: true, id: later}\n"
    assert [one for one in codes(f"{job('')}{before}      - {step}\n{after}") if not one.startswith("old")] == wrong


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    env: {}\n", ["nothing-said 5:10"]),
        ("    defaults: {run: {}}\n", ["nothing-said 5:21"]),
        ("    services: {}\n", ["nothing-said 5:15"]),
        ("    strategy: {matrix: {}}\n", ["nothing-said 5:24"]),
        ("    strategy: {matrix: {a: [1], include: []}}\n", ["nothing-listed 5:42"]),
        ("    if: ''\n", ["nothing-said 5:9"]),
        ("    container: ''\n", ["nothing-said 5:16"]),
        ("    container: null\n", []),
        ("    environment:\n      name: ''\n", ["nothing-said 6:13"]),
        ("    permissions: {}\n", []),
        ("    name: ''\n", []),
    ],
)
def test_what_is_there_says_something(body: str, expected: list[str], codes: Codes) -> None:
    """As actionlint has it; `permissions: {}` says that nothing is permitted, and null that there is no container."""
    assert codes(job(body)) == expected


def test_steps_and_outputs_say_something(codes: Codes) -> None:
    step = "      - run: ''\n        env: {}\n        working-directory: ''\n        if: ''\n"
    assert codes(job("") + step) == [
        "nothing-said 7:14",
        "nothing-said 8:14",
        "nothing-said 9:28",
        "nothing-said 10:13",
    ]
    call = "{workflow_call: {outputs: {o: {value: ''}}}}"
    assert codes(job("", on=call)) == ["nothing-said 1:43"]


def test_a_workflow_has_events_and_jobs_and_a_job_steps(codes: Codes) -> None:
    """The service: "No event triggers defined in `on`", "No jobs defined in `jobs`", "No steps defined in `steps`"."""
    assert codes("on: {}\njobs: {a: {runs-on: x64, steps: [run: a]}}\n") == ["no-events 1:5"]
    assert codes("on: []\njobs: {a: {runs-on: x64, steps: [run: a]}}\n") == ["no-events 1:5"]
    assert codes("on: push\njobs: {}\n") == ["no-jobs 2:7"]
    assert codes("on: push\njobs:\n  a: {runs-on: x64}\n") == ["missing-steps 3:3"]
    assert codes("on: push\njobs:\n  a: {runs-on: x64, steps: []}\n") == ["missing-steps 3:3"]
    assert codes("on: push\njobs:\n  a: {uses: a/b/c.yml@v1}\n") == []


def test_an_anchor_is_repeated_somewhere(codes: Codes) -> None:
    text = job("    env: &once {A: b}\n    outputs: &twice {a: b}\n    defaults: {run: {shell: &same bash}}\n")
    text += "  b:\n    runs-on: x64\n    outputs: *twice\n    steps: [{run: a, shell: *same}]\n"
    assert codes(text) == ["unused-anchor 5:10"]


@pytest.mark.parametrize("pattern", ["[-a]", "v[._]", "a\\"])
def test_what_is_refused_when_an_event_comes_is_told_before(pattern: str, codes: Codes) -> None:
    """Sets hold letters and digits alone, and a `\\` takes the meaning of what follows."""
    assert codes(job("", on=f"{{push: {{paths: ['{pattern}']}}}}")) == ["bad-pattern 1:22"]
