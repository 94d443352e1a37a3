"""Reading workflows into the model. Expected values are those of the workflow syntax reference."""

from textwrap import dedent

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.github import GITHUB
from understudy.dialects.github.conditions import asks_for_status, bare
from understudy.dialects.github.nodes import text_of
from understudy.findings import Position, Severity, as_performed
from understudy.model.pipeline import ALWAYS, Cancel, Checkout, Job, Pipeline, Platform, Script, Text, Wait
from understudy.model.results import Facts, Outcome
from understudy.text.yaml import Scalar

FILE = ".github/workflows/ci.yml"


def read(text: str) -> Reading:
    return GITHUB.read(FILE, {FILE: dedent(text).encode()}.get, Facts(root="/"))


def pipeline(text: str) -> Pipeline:
    reading = read(text)
    assert [one for one in as_performed(reading.findings) if one.severity is Severity.ERROR] == []
    return reading.pipelines[0]


def job(body: str, *, above: str = "") -> Job:
    """The job whose body is `body`, in a workflow with `above` before its jobs."""
    lines = "".join(f"    {line}\n" for line in dedent(body).strip("\n").splitlines())
    return pipeline(f"on: push\n{dedent(above)}jobs:\n  build:\n{lines}").jobs[0]


STEPS = "runs-on: ubuntu-latest\nsteps:\n  - run: make\n"


@pytest.mark.parametrize(
    ("on", "triggers"),
    [
        ("on: push", {"push": None}),
        ("on: [push, fork]", {"push": None, "fork": None}),
        ("on:\n  push:\n    branches: main\n", {"push": {"branches": ("main",)}}),
        ("on:\n  push:\n    branches: [main, 1.0]\n", {"push": {"branches": ("main", "1")}}),
        ("on:\n  issues:\n    types: [opened]\n", {"issues": {"types": ("opened",)}}),
        ("on:\n  schedule:\n    - cron: '30 5 * * 1'\n", {"schedule": ({"cron": "30 5 * * 1"},)}),
        (
            "on:\n  workflow_dispatch:\n    inputs:\n      n:\n        type: number\n        default: 3\n",
            {"workflow_dispatch": {"inputs": {"n": {"type": "number", "default": 3}}}},
        ),
    ],
)
def test_triggers_are_one_table_however_they_are_written(on: str, triggers: object) -> None:
    found = pipeline(f"{on}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n")
    assert found.triggers == triggers


def test_a_workflow_is_named_by_itself_or_by_its_path() -> None:
    jobs = "jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
    assert pipeline(f"name: Nightly\non: push\n{jobs}").name == "Nightly"
    assert pipeline(f"on: push\n{jobs}").name == FILE


def test_a_step_keeps_what_is_written() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        steps:
          - id: it
            name: Make ${{ matrix.what }}
            run: |
              make
              make install
            shell: bash
            working-directory: sub
            env:
              N: 010
              F: 3.10
              B: true
              E:
            timeout-minutes: 5
            continue-on-error: true
        """
    ).steps[0]
    assert (found.id, found.name.raw) == ("it", "Make ${{ matrix.what }}")
    assert found.action == Script(
        Text("make\nmake install\n", Position(FILE, 8, 14)), Text("bash", Position(FILE, 11, 16))
    )
    assert found.workdir is not None
    assert found.workdir.raw == "sub"
    assert {name: text.raw for name, text in found.env.items()} == {"N": "10", "F": "3.1", "B": "true", "E": ""}
    assert (found.timeout_s, found.continue_on_error) == (300, True)


def test_steps_without_a_name_or_id_are_called_as_the_service_does() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        steps:
          - run: |
              make
              make test
          - run: make
          - uses: some/unheard-of-action/sub@v1
          - uses: docker://alpine:3.20
        """
    ).steps
    assert [step.name.raw for step in found] == [
        "Run make",
        "Run make",
        "Run some/unheard-of-action/sub@v1",
        "Run docker://alpine:3.20",
    ]
    assert [step.id for step in found] == ["__run", "__run_2", "__some_unheard-of-action", "__alpine_3_20"]


def test_values_that_an_expression_gives_stay_texts() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        timeout-minutes: ${{ matrix.minutes }}
        continue-on-error: ${{ matrix.experimental }}
        strategy:
          fail-fast: ${{ github.ref == 'a' }}
          max-parallel: ${{ fromJSON(vars.most) }}
          matrix:
            minutes: [1]
            experimental: ${{ fromJSON(vars.all) }}
        steps:
          - run: make
            timeout-minutes: ${{ matrix.minutes }}
            continue-on-error: ${{ matrix.experimental }}
        """
    )
    minutes, experimental = "${{ matrix.minutes }}", "${{ matrix.experimental }}"
    assert found.limits.timeout is not None
    assert found.limits.forgiven is not None
    assert (found.limits.timeout.raw, found.limits.timeout_s) == (minutes, None)
    assert (found.limits.forgiven.raw, found.limits.allow_failure) == (experimental, False)
    step = found.steps[0]
    assert step.timeout is not None
    assert step.forgiven is not None
    assert (step.timeout.raw, step.forgiven.raw) == (minutes, experimental)
    assert found.matrix is not None
    assert found.matrix.fail_fast == Text("${{ github.ref == 'a' }}", Position(FILE, 8, 18))
    assert found.matrix.max_parallel == Text("${{ fromJSON(vars.most) }}", Position(FILE, 9, 21))
    assert found.matrix.written == {
        "minutes": (1,),
        "experimental": Text("${{ fromJSON(vars.all) }}", Position(FILE, 12, 23)),
    }


def test_how_long_a_cancelled_job_may_go_on() -> None:
    written, late = (job(f"""
        runs-on: ubuntu-latest
        cancel-timeout-minutes: {value}
        steps: [{{run: make}}]
        """).limits for value in ("2", "${{ matrix.minutes }}"))  # fmt: skip
    assert (written.cancel_timeout_s, written.cancel_timeout) == (120, None)
    assert late.cancel_timeout is not None
    assert (late.cancel_timeout_s, late.cancel_timeout.raw) == (None, "${{ matrix.minutes }}")


def test_a_matrix_keeps_its_types_by_the_rules_of_yaml_1_2() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        strategy:
          matrix:
            python: [3.9, "3.10", 0o17, yes]
            include:
              - python: 3.13
                experimental: true
        steps:
          - run: make
        """
    ).matrix
    assert found is not None
    assert found.written == {
        "python": (3.9, "3.10", 15, "yes"),
        "include": ({"python": 3.13, "experimental": True},),
    }
    assert (found.fail_fast, found.max_parallel) == (True, None)


def test_a_job_has_six_hours_where_it_says_nothing() -> None:
    assert job(STEPS).limits.timeout_s == 360 * 60


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("ubuntu-latest", ["ubuntu-latest"]),
        ("[self-hosted, linux]", ["self-hosted", "linux"]),
        ("{group: big, labels: [linux]}", ["linux", "group:big"]),
        ("${{ matrix.os }}", ["${{ matrix.os }}"]),
    ],
)
def test_labels_of_the_runner(written: str, labels: list[str]) -> None:
    found = job(f"runs-on: {written}\nsteps:\n  - run: make\n")
    assert [label.raw for label in found.runs_on] == labels


@pytest.mark.parametrize(
    ("label", "platform"),
    [("ubuntu-24.04", Platform.LINUX), ("windows-2022", Platform.WINDOWS), ("macos-14", Platform.MACOS)],
)
def test_platform(label: str, platform: Platform) -> None:
    assert job(f"runs-on: {label}\nsteps:\n  - run: make\n").platform is platform


def test_variables_and_defaults_of_the_workflow_are_the_jobs() -> None:
    above = """
        env:
          A: workflow
          B: workflow
        defaults:
          run:
            shell: sh
            working-directory: top
        """
    found = job("env:\n  B: job\ndefaults:\n  run:\n    shell: bash\n" + STEPS, above=above)
    assert {name: text.raw for name, text in found.env.items()} == {"A": "workflow", "B": "job"}
    assert found.shell is not None
    assert found.workdir is not None
    assert (found.shell.raw, found.workdir.raw) == ("bash", "top")


def test_container_and_services() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        container: docker://python:3.12
        services:
          db:
            image: postgres:16
            env:
              POSTGRES_PASSWORD: postgres
            ports: [5432:5432, "6000"]
            options: --health-cmd pg_isready
            volumes: [data:/data]
            credentials:
              username: me
              password: ${{ secrets.TOKEN }}
          cache: redis
        steps:
          - run: make
        """
    )
    assert found.container is not None
    assert found.container.image.raw == "python:3.12"
    db, cache = found.services
    assert (db.alias, db.image.raw, db.ports) == ("db", "postgres:16", ("5432:5432", "6000"))
    assert db.options is not None
    assert db.options.raw == "--health-cmd pg_isready"
    assert [one.raw for one in db.volumes] == ["data:/data"]
    assert {name: text.raw for name, text in db.credentials.items()} == {
        "username": "me",
        "password": "${{ secrets.TOKEN }}",
    }
    assert (cache.alias, cache.image.raw) == ("cache", "redis")


def test_needs_name_jobs_whatever_the_case_and_wait_for_any_end() -> None:
    text = """
        on: push
        jobs:
          One:
            runs-on: ubuntu-latest
            steps:
              - run: make
          two:
            needs: one
            runs-on: ubuntu-latest
            steps:
              - run: make
        """
    needs = pipeline(text).jobs[1].needs
    assert [(need.job, need.outcomes) for need in needs] == [("One", frozenset(Outcome))]


@pytest.mark.parametrize(
    ("written", "expression", "always"),
    [
        ("github.ref == 'a'", "github.ref == 'a'", False),
        ("${{ github.ref == 'a' }}", "github.ref == 'a'", False),
        ("always()", "always()", True),
        ("${{ !cancelled() && github.ref == 'a' }}", "!cancelled() && github.ref == 'a'", True),
        ("contains('success()', github.ref)", "contains('success()', github.ref)", False),
        ("FAILURE()", "FAILURE()", True),
        ("'true'", "true", False),
    ],
)
def test_conditions(written: str, expression: str, *, always: bool) -> None:
    found = job(f"if: {written}\n{STEPS}").when
    assert found.expression is not None
    assert found.expression.raw == expression
    assert found.after == (frozenset(Outcome) if always else {Outcome.PASSED})


def test_no_condition_is_success() -> None:
    found = job(STEPS)
    assert found.when.expression is None
    assert found.when.after == {Outcome.PASSED}


@pytest.mark.parametrize(
    ("raw", "expression"),
    [
        ("${{ a }} == 'b'", "format('{0} == ''b''', a)"),
        ("${{ a }}${{ b }}", "format('{0}{1}', a, b)"),
        ("{x} ${{ '}}' }}", "format('{{x}} {0}', '}}')"),
        ("  ${{ a }}", "format('  {0}', a)"),
    ],
)
def test_text_beside_an_expression_makes_a_text_of_all(raw: str, expression: str) -> None:
    assert bare(raw) == expression


def test_a_condition_that_is_no_expression_is_searched_for_functions() -> None:
    assert asks_for_status("always( && ")
    assert not asks_for_status("github. == ")


def test_anchors_are_known_and_merges_are_not() -> None:
    text = """
        on: push
        jobs:
          one:
            runs-on: ubuntu-latest
            env: &shared
              A: b
            steps: &steps
              - run: make
          two:
            runs-on: ubuntu-latest
            env: *shared
            steps: *steps
        """
    one, two = pipeline(text).jobs
    assert {name: text.raw for name, text in two.env.items()} == {"A": "b"}
    assert [step.name.raw for step in two.steps] == [step.name.raw for step in one.steps] == ["Run make"]


def test_a_heredoc_that_looks_like_a_merge_stays_what_it_is() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        steps:
          - run: |
              <<: not a merge
              cat <<: end
        """
    ).steps[0]
    assert isinstance(found.action, Script)
    assert found.action.body.raw == "<<: not a merge\ncat <<: end\n"


def test_steps_in_the_background_and_what_waits_for_them() -> None:
    found = job(
        """
        runs-on: ubuntu-latest
        steps:
          - run: serve
            id: server
            background: true
          - parallel:
              - run: one
                id: first
              - uses: actions/checkout@v4
          - wait: [server]
            id: waits
            continue-on-error: true
          - wait-all:
          - name: Stop it
            cancel: server
        """
    )
    server, first, second, together, waits, every, stop = found.steps
    assert [one.background for one in found.steps] == [True, True, True, False, False, False, False]
    assert (server.id, first.id, second.id) == ("server", "first", "__actions_checkout")
    assert isinstance(second.action, Checkout)
    assert (together.action, together.when) == (Wait(("first", "__actions_checkout")), ALWAYS)
    assert (waits.id, waits.action, waits.name.raw) == ("waits", Wait(("server",)), "Wait")
    assert (waits.when, waits.continue_on_error) == (ALWAYS, False)
    assert (every.id, every.action, every.name.raw) == ("__wait-all", Wait(None), "Wait for all")
    assert (stop.id, stop.action, stop.name.raw) == ("__cancel", Cancel(("server",)), "Stop it")


@pytest.mark.parametrize(
    ("steps", "waits"),
    [
        ("[{run: a, background: true, id: a}]", True),
        ("[{run: a, background: true, id: a}, {wait: a}]", False),
        ("[{run: a, background: true, id: a}, {cancel: a}]", False),
        ("[{run: a, background: true, id: a}, {run: b, background: true, id: b}, {wait: a}]", True),
        ("[{run: a, background: true, id: a}, {wait-all: }, {run: b, background: true, id: b}]", True),
        ("[{run: a, background: true, id: a}, {wait-all: true}, {run: b}]", False),
        ("[{parallel: [{run: a}, {run: b}]}, {run: c}]", False),
        ("[{run: a, background: false}]", False),
    ],
)
def test_the_job_waits_at_its_end_for_what_nothing_waits_for(steps: str, waits: bool) -> None:  # noqa: FBT001 - a table's
    last = job(f"runs-on: ubuntu-latest\nsteps: {steps}").steps[-1]
    assert (last.id == "__implicit_wait_all") is waits
    assert (last.name.raw == "Wait for all background steps") is waits


def test_a_snapshot_is_told_of() -> None:
    reading = read(
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    snapshot: mine\n    steps:\n      - run: make\n"
    )
    assert [(str(one.at), one.code) for one in reading.findings if one.severity is Severity.UNSUPPORTED] == [
        (f"{FILE}:5:5", "snapshot")
    ]


def test_a_file_that_is_not_there() -> None:
    reading = GITHUB.read(FILE, lambda _path: None, Facts(root="/"))
    assert [one.code for one in reading.findings] == ["no-file"]


def test_nothing_is_written_yet() -> None:
    written = GITHUB.write((pipeline("on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n      - run: make\n"),))
    assert written.files == {}
    assert [one.code for one in written.losses] == ["no-writer"]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("0xff", "255"),
        ("1e3", "1000"),
        ("1587106672383762434", "1.58710667238376E+18"),
        ("0.84551240822557006", "0.84551240822557"),
        (".nan", "NaN"),
        ("-.inf", "-Infinity"),
        ("on", "on"),
        ("12_345", "12_345"),
        ("~", ""),
    ],
)
def test_a_value_as_text(word: str, text: str) -> None:
    """The first four are those of the service's own notes on how numbers become texts."""
    assert text_of(Scalar(word, Position())) == text
