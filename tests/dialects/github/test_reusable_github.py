"""Workflows that call others, as the pages on reusing workflows say."""

from collections.abc import Mapping
from itertools import pairwise
from textwrap import dedent

from understudy.dialects.base import JobState, Reading, Scope
from understudy.dialects.github import GITHUB
from understudy.dialects.github.reusable import MAX_CALLS, MAX_LEVELS
from understudy.findings import Severity, as_performed
from understudy.model.pipeline import Text, Use
from understudy.model.results import Facts, Outcome

FOLDER = ".github/workflows"
FILE = f"{FOLDER}/ci.yml"
JOB = "    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"


def read(text: str, **others: str) -> Reading:
    """Reads `text`; the `others` are files of the same folder, by name without ending."""
    named = {f"{FOLDER}/{name}.yml": content for name, content in others.items()}
    return read_files({FILE: text, **named})


def read_files(files: Mapping[str, str]) -> Reading:
    data = {name: dedent(text).encode() for name, text in files.items()}
    return GITHUB.read(FILE, data.get, Facts(root="/"))


def codes(reading: Reading, severity: Severity = Severity.ERROR) -> list[str]:
    return [one.code for one in as_performed(reading.findings) if one.severity is severity]


CALLED = """
    on:
      workflow_call:
        inputs:
          level:
            type: string
            default: low
        secrets:
          token:
        outputs:
          found:
            value: ${{ jobs.second.outputs.it }}
    env:
      OF: called
    jobs:
      first:
        runs-on: ubuntu-latest
        steps:
          - run: make
      second:
        needs: first
        runs-on: ubuntu-latest
        outputs:
          it: ${{ steps.a.outputs.b }}
        steps:
          - run: make
            id: a
    """
CALLER = """
    on: push
    env:
      OF: caller
    jobs:
      before:
        runs-on: ubuntu-latest
        steps:
          - run: make
      call:
        needs: before
        if: github.ref == 'a'
        uses: ./.github/workflows/called.yml
        with:
          level: ${{ needs.before.outputs.level }}
        secrets:
          token: ${{ secrets.TOKEN }}
      after:
        needs: call
        runs-on: ubuntu-latest
        steps:
          - run: echo ${{ needs.call.outputs.found }}
    """


def test_a_call_becomes_the_jobs_of_the_called_workflow_and_one_for_itself() -> None:
    reading = read(CALLER, called=CALLED)
    assert codes(reading) == []
    jobs = {job.id: job for job in reading.pipelines[0].jobs}
    assert list(jobs) == ["before", "call/first", "call/second", "call", "after"]
    assert [need.job for need in jobs["call/first"].needs] == []
    assert [need.job for need in jobs["call/second"].needs] == ["call/first"]
    assert [need.job for need in jobs["call"].needs] == ["call/first", "call/second"]
    assert [need.job for need in jobs["after"].needs] == ["call"]
    assert jobs["call"].steps == ()
    assert jobs["call"].when.after == frozenset(Outcome)
    assert {name: text.raw for name, text in jobs["call"].outputs.items()} == {"found": "${{ jobs.second.outputs.it }}"}


def test_a_called_job_knows_who_calls() -> None:
    jobs = {job.id: job for job in read(CALLER, called=CALLED).pipelines[0].jobs}
    caller = jobs["call/first"].caller
    assert caller is not None
    assert (caller.id, caller.file, caller.caller) == ("call", f"{FOLDER}/called.yml", None)
    assert [need.job for need in caller.needs] == ["before"]
    assert caller.when.expression is not None
    assert caller.when.expression.raw == "github.ref == 'a'"
    level = caller.inputs["level"]
    assert isinstance(level, Text)
    assert level.raw == "${{ needs.before.outputs.level }}"
    assert caller.declared == {"level": {"type": "string", "default": "low"}}
    assert caller.secrets is not None
    assert caller.secrets["token"].raw == "${{ secrets.TOKEN }}"
    assert jobs["call"].caller is None
    assert jobs["before"].caller is None


def test_variables_of_the_caller_are_not_those_of_the_called() -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations."""
    jobs = {job.id: job for job in read(CALLER, called=CALLED).pipelines[0].jobs}
    assert jobs["before"].env["OF"].raw == "caller"
    assert jobs["call/first"].env["OF"].raw == "called"


def test_inherited_secrets_are_all() -> None:
    text = "on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit\n"
    caller = read(text, called=CALLED).pipelines[0].jobs[0].caller
    assert caller is not None
    assert caller.secrets is None


def test_calls_within_calls() -> None:
    text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/middle.yml\n"
    middle = "on: workflow_call\njobs:\n  b:\n    uses: ./.github/workflows/called.yml\n"
    jobs = read(text, middle=middle, called=CALLED).pipelines[0].jobs
    assert [job.id for job in jobs] == ["a/b/first", "a/b/second", "a/b", "a"]
    inner = jobs[0].caller
    assert inner is not None
    assert inner.caller is not None
    assert (inner.id, inner.caller.id, inner.caller.caller) == ("a/b", "a", None)
    assert jobs[2].caller == inner.caller


def test_a_workflow_of_another_repository_and_the_local_ones_that_it_calls() -> None:
    other = "github://owner/shared@v1/.github/workflows"
    reading = read_files(
        {
            FILE: "on: push\njobs:\n  a:\n    uses: owner/shared/.github/workflows/x.yml@v1\n",
            f"{other}/x.yml": "on: workflow_call\njobs:\n  b:\n    uses: ./.github/workflows/y.yml\n",
            f"{other}/y.yml": f"on: workflow_call\njobs:\n  c:\n{JOB}",
        }
    )
    assert codes(reading) == []
    jobs = reading.pipelines[0].jobs
    assert [job.id for job in jobs] == ["a/b/c", "a/b", "a"]
    assert jobs[0].at.file == "owner/shared/.github/workflows/y.yml@v1"


def test_a_workflow_that_is_not_here_is_told_of_and_stays_a_step() -> None:
    reading = read("on: push\njobs:\n  a:\n    uses: owner/shared/.github/workflows/x.yml@v1\n")
    assert codes(reading) == []
    assert codes(reading, Severity.UNSUPPORTED) == ["not-here"]
    (job,) = reading.pipelines[0].jobs
    assert isinstance(job.steps[0].action, Use)


def test_errors_of_the_called_workflow_are_told_where_it_is_called_too() -> None:
    text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n"
    reading = read(text, called=f"on: workflow_call\njobs:\n  b:\n    nam: x\n{JOB}")
    errors = [(str(one.at), one.code) for one in reading.findings if one.severity is Severity.ERROR]
    assert errors == [(f"{FOLDER}/called.yml:4:5", "unknown-key"), (f"{FILE}:4:11", "broken-workflow")]


def test_what_the_service_performs_in_a_called_workflow_keeps_nobody_from_calling_it() -> None:
    text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n"
    around = JOB.replace("steps:", 'if: "${{ false }} "\n    steps:', 1)
    reading = read(text, called=f"on: workflow_call\njobs:\n  b:\n{around}")
    errors = [(one.code, one.tolerated) for one in reading.findings if one.severity is Severity.ERROR]
    assert errors == [("always-true", True), ("broken-workflow", True)]


def levels(count: int) -> dict[str, str]:
    """A chain of `count` workflows, the first of which is FILE."""
    names = [FILE, *(f"{FOLDER}/w{number}.yml" for number in range(1, count))]
    texts = {
        name: f"on: [push, workflow_call]\njobs:\n  a:\n    uses: ./{called}\n" for name, called in pairwise(names)
    }
    return texts | {names[-1]: f"on: workflow_call\njobs:\n  a:\n{JOB}"}


def test_ten_levels_are_the_most() -> None:
    assert codes(read_files(levels(MAX_LEVELS))) == []
    assert codes(read_files(levels(MAX_LEVELS + 1))) == ["too-many-levels"]


def test_fifty_workflows_are_the_most() -> None:
    def calls(count: int) -> Reading:
        jobs = "".join(f"  a{n}:\n    uses: ./{FOLDER}/w{n}.yml\n" for n in range(count))
        return read(
            f"on: push\njobs:\n{jobs}", **{f"w{n}": f"on: workflow_call\njobs:\n  a:\n{JOB}" for n in range(count)}
        )

    assert codes(calls(50)) == []
    assert codes(calls(51)) == ["too-many-workflows"]


def test_calls_that_multiply_come_to_an_end() -> None:
    def calling(level: int) -> str:
        jobs = "".join(f"  a{n}:\n    uses: ./{FOLDER}/w{level + 1}.yml\n" for n in range(10))
        return f"on: [push, workflow_call]\njobs:\n{jobs}"

    last = f"on: workflow_call\njobs:\n  a:\n{JOB}"
    reading = read(calling(0), w1=calling(1), w2=calling(2), w3=calling(3), w4=last)
    assert codes(reading) == ["too-many-calls"]
    assert len(reading.pipelines[0].jobs) < 3 * MAX_CALLS


CELLS = {"dev": "dev", "its": "it's"}
MATRIX_OF_CALLS = """
    on: push
    jobs:
      call:
        strategy:
          matrix:
            target: [dev, {name: it's}]
        uses: ./.github/workflows/called.yml
        with:
          level: ${{ matrix.target.name || matrix.target }} matrix.target
        secrets:
          token: ${{ secrets[matrix.target] }}
      after:
        needs: call
        runs-on: ubuntu-latest
        steps:
          - run: make
    """


def test_a_matrix_of_calls_is_a_call_for_each_cell() -> None:
    """See the matrix strategy in https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows."""
    reading = read(MATRIX_OF_CALLS, called=CALLED)
    assert codes(reading) == codes(reading, Severity.UNSUPPORTED) == []
    jobs = {job.id: job for job in reading.pipelines[0].jobs}
    assert list(jobs) == [
        "call/(dev)/first",
        "call/(dev)/second",
        "call/(dev)",
        "call/(it's)/first",
        "call/(it's)/second",
        "call/(it's)",
        "call",
        "after",
    ]
    assert [need.job for need in jobs["call"].needs] == ["call/(dev)", "call/(it's)"]
    assert {job.caller.id for job in jobs.values() if job.caller} == {"call", "call/(dev)", "call/(it's)"}


def test_cells_that_are_called_the_same_are_told_apart() -> None:
    text = MATRIX_OF_CALLS.replace("[dev, {name: it's}]", "[a/b, a_b, 1, '1']")
    ids = [job.id for job in read(text, called=CALLED).pipelines[0].jobs if job.id.count("/") == 1]
    assert ids == ["call/(a_b)", "call/(a_b) 2", "call/(1)", "call/(1) 4"]


def test_a_cell_hands_in_its_values() -> None:
    pipeline = read(MATRIX_OF_CALLS, called=CALLED).pipelines[0]
    jobs = {job.id: job for job in pipeline.jobs}

    def level(job: str) -> str:
        scope = Scope(Facts(root="/"), pipeline=pipeline, job=jobs[job])
        return GITHUB.evaluate(Text("${{ inputs.level }}"), scope)

    assert level("call/(dev)/first") == "dev matrix.target"
    assert level("call/(it's)/first") == "it's matrix.target"


def test_of_the_outputs_of_cells_the_last_that_is_set_counts() -> None:
    pipeline = read(MATRIX_OF_CALLS, called=CALLED).pipelines[0]
    call = next(job for job in pipeline.jobs if job.id == "call")

    def found(**outputs: str) -> str:
        ended = {f"call/({CELLS[name]})": JobState(Outcome.PASSED, {"found": value}) for name, value in outputs.items()}
        return GITHUB.evaluate(call.outputs["found"], Scope(Facts(root="/"), pipeline=pipeline, job=call, jobs=ended))

    assert found(dev="a", its="b") == "b"
    assert found(dev="a", its="") == "a"


def test_a_matrix_of_calls_that_is_not_known_yet_is_told_of() -> None:
    text = MATRIX_OF_CALLS.replace("[dev, {name: it's}]", "${{ fromJSON(vars.targets) }}")
    assert codes(read(text, called=CALLED), Severity.UNSUPPORTED) == ["matrix-of-calls"]


def permissions(caller: str, called: str, job: str = "") -> list[tuple[str, str]]:
    reading = read(
        f"on: push\n{caller}jobs:\n  a:\n    uses: ./.github/workflows/x.yml\n",
        x=f"on: workflow_call\n{called}jobs:\n  b:\n{job}{JOB}",
    )
    return [(one.severity.value, one.code) for one in reading.findings if one.code == "permissions-beyond"]


def test_permissions_may_be_kept_or_reduced_and_not_raised() -> None:
    """See https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations."""
    error, warning = [("error", "permissions-beyond")], [("warning", "permissions-beyond")]
    assert permissions("permissions: read-all\n", "permissions: read-all\n") == []
    assert permissions("permissions: write-all\n", "permissions:\n  contents: write\n") == []
    assert permissions("permissions:\n  contents: read\n", "permissions:\n  contents: write\n") == error
    assert permissions("permissions: {}\n", "", "    permissions:\n      issues: read\n") == error
    assert permissions("", "permissions:\n  contents: read\n") == []
    assert permissions("", "permissions:\n  contents: write\n") == warning
