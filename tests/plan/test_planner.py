"""What an event starts, on a small dialect of the test's own: branches by name, no schedules unless told."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.base import (
    Asked,
    Dialect,
    Effects,
    EvaluationError,
    Invocation,
    Place,
    ReadFile,
    Reading,
    RoomFile,
    Scope,
    Traits,
    Writing,
)
from understudy.errors import InputError
from understudy.findings import Position, Severity
from understudy.model.pipeline import (
    Condition,
    Job,
    Limits,
    Matrix,
    Need,
    Patterns,
    Pipeline,
    Schedule,
    Script,
    Step,
    Text,
)
from understudy.model.results import EventKind, Facts
from understudy.plan.plan import Plan
from understudy.plan.planner import Selection, plan

AT = Position("ci.yml", 3, 5)


class BranchNames:
    """Conditions are lists of branch names; the expression `boom` can't be evaluated."""

    NAME = "branch-names"
    FILES = ("ci.yml",)
    TRAITS = Traits(secrets_are_variables=True, conditions_at_start=False)

    def holds(self, condition: Condition, scope: Scope) -> tuple[bool, str]:
        if condition.expression and condition.expression.raw == "boom":
            raise EvaluationError("boom is no word")
        if condition.branches is None or condition.branches.only is None:
            return True, "no filters"
        names = [text.raw for text in condition.branches.only]
        matches = scope.facts.branch in names
        return matches, f"branch `{scope.facts.branch}` {'is' if matches else 'is not'} one of {', '.join(names)}"

    def on_schedule(self, pipeline: Pipeline, facts: Facts) -> tuple[bool, str]:
        scheduled = bool(pipeline.schedules)
        if scheduled and pipeline.schedules[0].cron.raw == "boom":
            raise EvaluationError("boom is no time")
        if scheduled == (facts.event is EventKind.SCHEDULE):
            return True, ""
        return False, "only a schedule starts it" if scheduled else "it has no schedule"

    def read(self, path: str, files: ReadFile, facts: Facts) -> Reading:
        raise NotImplementedError

    def write(self, pipelines: Sequence[Pipeline]) -> Writing:
        raise NotImplementedError

    def hear(self, job: Job, step: Step, scope: Scope) -> None:
        raise NotImplementedError

    def cells(self, job: Job, _scope: Scope) -> tuple[Job, ...]:
        return (job,)

    def asked(self, job: Job, pipeline: Pipeline) -> tuple[Asked, ...]:
        raise NotImplementedError

    def predefined(self, facts: Facts, job: Job, place: Place) -> dict[str, str]:
        raise NotImplementedError

    def evaluate(self, text: Text, scope: Scope) -> str:
        raise NotImplementedError

    def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
        raise NotImplementedError

    def resolve(self, step: Step, files: ReadFile) -> Step:
        raise NotImplementedError

    def absorb(self, job: Job, step: Step, files: ReadFile) -> Effects:
        raise NotImplementedError

    def furnish(self, job: Job, scope: Scope, timings: object) -> tuple[RoomFile, ...]:
        raise NotImplementedError


DIALECT: Dialect = BranchNames()
PUSH = Facts(root="/r", branch="dev")


def on(*branches: str) -> Condition:
    return Condition(branches=Patterns(only=tuple(Text(name) for name in branches)))


def job(name: str, *needs: str, when: Condition | None = None, executor: str | None = None) -> Job:
    return Job(
        id=name,
        name=Text(name),
        at=AT,
        executor=executor,
        needs=tuple(Need(need, replace(AT, line=9)) for need in needs),
        when=when or Condition(),
    )


def flow(name: str, *jobs: Job, when: Condition | None = None, nightly: bool = False) -> Pipeline:
    schedules = (Schedule(Text("0 0 * * *")),) if nightly else ()
    return Pipeline(name, DIALECT.NAME, AT, when=when or Condition(), schedules=schedules, jobs=jobs)


def only(*jobs: Job, selection: Selection | None = None, facts: Facts = PUSH) -> Plan:
    (found,) = plan((flow("main", *jobs),), facts, DIALECT, selection or Selection())
    return found


def ids(one: Plan) -> list[str]:
    return [node.id for node in one.nodes]


def reason(one: Plan, name: str | None) -> tuple[bool, str]:
    (found,) = [choice for choice in one.choices if choice.job == name]
    return found.selected, found.reason


def test_jobs_come_in_order_with_their_edges_and_reasons() -> None:
    found = only(job("test", "build"), job("lint"), job("build"))
    assert ids(found) == ["lint", "build", "test"]
    assert {node.id: node.after for node in found.nodes} == {
        "lint": frozenset(),
        "build": frozenset(),
        "test": frozenset({"build"}),
    }
    assert found.by_job == {"test": ("test",), "lint": ("lint",), "build": ("build",)}
    assert [choice.job for choice in found.choices] == [None, "test", "lint", "build"]
    assert reason(found, "test") == (True, "no filters")
    assert found.findings == ()


def test_a_requirement_on_a_filtered_job_is_ignored() -> None:
    """CircleCI's own example: on master... A runs, B is for master only, C requires both: off master C waits for A."""
    found = only(job("A"), job("B", when=on("master")), job("C", "A", "B"))
    assert ids(found) == ["A", "C"]
    assert found.nodes[1].after == {"A"}
    assert [need.job for need in found.nodes[1].job.needs] == ["A"]
    assert reason(found, "B") == (False, "branch `dev` is not one of master")


def test_a_job_whose_every_requirement_is_filtered_is_not_performed() -> None:
    found = only(job("A", when=on("master")), job("B", "A"), job("C", "B"), job("D"))
    assert ids(found) == ["D"]
    assert reason(found, "B") == (False, "all that it requires is left out: `A`")
    assert reason(found, "C") == (False, "all that it requires is left out: `B`")


@given(st.data())
def test_the_rule_of_requirements_by_its_definition(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 7))
    names = [f"j{number}" for number in range(size)]
    needs = {
        name: data.draw(st.sets(st.sampled_from(names[:number]))) if number else set()
        for number, name in enumerate(names)
    }
    passes = {name: data.draw(st.booleans()) for name in names}
    jobs = [job(name, *sorted(needs[name]), when=None if passes[name] else on("never")) for name in names]
    found = only(*data.draw(st.permutations(jobs)))
    expected: set[str] = set()
    for name in names:
        if passes[name] and (not needs[name] or needs[name] & expected):
            expected.add(name)
    assert set(ids(found)) == expected
    assert {node.id: set(node.after) for node in found.nodes} == {name: needs[name] & expected for name in expected}


def test_which_workflows_an_event_starts() -> None:
    flows = (flow("ci", job("a")), flow("nightly", job("b"), nightly=True), flow("release", job("c"), when=on("main")))
    ci, nightly, release = plan(flows, PUSH, DIALECT)
    assert (ids(ci), ids(nightly), ids(release)) == (["a"], [], [])
    assert reason(ci, None) == (True, "no filters")
    assert reason(nightly, None) == (False, "only a schedule starts it")
    assert reason(release, None) == (False, "branch `dev` is not one of main")
    assert reason(release, "c")[0] is False
    ci, nightly, release = plan(flows, replace(PUSH, event=EventKind.SCHEDULE), DIALECT)
    assert (ids(ci), ids(nightly), ids(release)) == ([], ["b"], [])


def test_a_named_workflow_is_planned_whatever_the_event() -> None:
    flows = (flow("ci", job("a")), flow("nightly", job("b"), job("c", when=on("main")), nightly=True))
    ci, nightly = plan(flows, PUSH, DIALECT, Selection(workflow="nightly"))
    assert ids(ci) == []
    assert reason(ci, None) == (False, "the workflow `nightly` was asked for")
    assert ids(nightly) == ["b"]
    assert reason(nightly, "c") == (False, "branch `dev` is not one of main")
    (note,) = nightly.findings
    assert (note.severity, note.code) == (Severity.NOTE, "not-started-by-event")
    assert "only a schedule starts it" in note.message


def test_a_job_brings_what_it_requires() -> None:
    jobs = (job("build"), job("test", "build"), job("lint"), job("deploy", "test"))
    found = only(*jobs, selection=Selection(jobs=("test",)))
    assert ids(found) == ["build", "test"]
    assert reason(found, "test") == (True, "asked for")
    assert reason(found, "build") == (True, "`test` requires it")
    assert reason(found, "lint") == (False, "not asked for")
    assert ids(only(*jobs, selection=Selection(jobs=("l*", "build")))) == ["build", "lint"]


def test_a_filtered_job_that_is_named_is_performed_with_what_it_requires() -> None:
    jobs = (job("build"), job("check", when=on("main")), job("deploy", "build", "check", when=on("main")))
    found = only(*jobs, selection=Selection(jobs=("deploy",)))
    assert ids(found) == ["build", "check", "deploy"]
    assert reason(found, "deploy") == (True, "asked for, though branch `dev` is not one of main")
    assert ids(only(*jobs, selection=Selection(jobs=("*",)))) == ["build"]


def test_a_filtered_requirement_of_a_job_that_would_start_stays_out() -> None:
    jobs = (job("a"), job("b", when=on("main")), job("c", "a", "b"))
    assert ids(only(*jobs, selection=Selection(jobs=("c",)))) == ["a", "c"]


def matrix_jobs() -> tuple[Job, ...]:
    """As CircleCI's reader gives TorchServe's: each cell a job of its own, with the declared name as a further name."""
    return tuple(
        replace(
            job(f"{name}-{executor}", *([f"build-{executor}"] if name != "build" else []), executor=executor),
            names=(name,),
            cell={"executor": executor},
        )
        for name, executor in product(("build", "archiver", "frontend"), ("py36", "py37", "win"))
    )


def test_an_executor_keeps_its_cells_and_what_those_require() -> None:
    found = only(*matrix_jobs(), selection=Selection(jobs=("archiver",), executor="py36"))
    assert ids(found) == ["build-py36", "archiver-py36"]
    assert found.nodes[1].after == {"build-py36"}
    assert ids(only(*matrix_jobs(), selection=Selection(jobs=("archiver",)))) == [
        "build-py36", "build-py37", "build-win", "archiver-py36", "archiver-py37", "archiver-win",
    ]  # fmt: skip
    assert ids(only(*matrix_jobs(), selection=Selection(executor="win"))) == [
        "build-win",
        "archiver-win",
        "frontend-win",
    ]
    assert ids(only(*matrix_jobs(), selection=Selection(cells={"executor": ("py37",)}, jobs=("build",)))) == [
        "build-py37"
    ]


def test_what_an_executors_cells_require_comes_from_elsewhere_too() -> None:
    jobs = (job("setup", executor="small"), job("test", "setup", executor="big"))
    assert ids(only(*jobs, selection=Selection(executor="big"))) == ["setup", "test"]


def test_jobs_of_workflows_that_are_not_started() -> None:
    flows = (flow("ci", job("a")), flow("nightly", job("b"), nightly=True), flow("weekly", job("c"), nightly=True))
    found = plan(flows, PUSH, DIALECT, Selection(jobs=("b",)))
    assert [ids(one) for one in found] == [[], ["b"], []]
    assert found[1].findings[0].code == "not-started-by-event"
    assert reason(found[0], None) == (False, "none of its jobs was asked for")
    both = (flow("nightly", job("b"), nightly=True), flow("weekly", job("b"), nightly=True))
    with pytest.raises(InputError) as caught:
        plan(both, PUSH, DIALECT, Selection(jobs=("b",)))
    assert caught.value.hint == "name one: `understudy run nightly -j b`"


def test_a_job_that_one_workflow_starts_is_not_forced_in_another() -> None:
    flows = (flow("one", job("deploy", when=on("main"))), flow("two", job("deploy")))
    assert [ids(one) for one in plan(flows, PUSH, DIALECT, Selection(jobs=("deploy",)))] == [[], ["deploy"]]


@pytest.mark.parametrize(
    ("selection", "message", "hint"),
    [
        (Selection(workflow="sanitty"), "there is no workflow `sanitty`",
         "did you mean `sanity`? there is: sanity, other"),
        (Selection(jobs=("archivr",)), "there is no job `archivr`",
         "did you mean `archiver`? there is: build, archiver, frontend, x"),
        (Selection(workflow="sanity", jobs=("x",)), "there is no job `x` in that workflow", "it is in: other"),
        (Selection(executor="py38"), "there is no executor `py38`", "did you mean `py37`? there is: py36, py37, win"),
        (Selection(workflow="other", jobs=("x",), executor="py36"), "there is no executor `py36`", "there is: none"),
        (Selection(jobs=("x",), executor="py36"), "no job `x` is on the executor `py36`", "there is: none"),
        (Selection(cells={"executr": ("win",)}), "there is no matrix axis `executr`",
         "did you mean `executor`? there is: executor"),
        (Selection(cells={"executor": ("mac",)}), "there is no value of the matrix axis `executor` `mac`",
         "there is: py36, py37, win"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_with_the_nearest(selection: Selection, message: str, hint: str) -> None:
    flows = (flow("sanity", *matrix_jobs()), flow("other", job("x")))
    with pytest.raises(InputError) as caught:
        plan(flows, PUSH, DIALECT, selection)
    assert caught.value.message == message
    assert caught.value.hint == hint


def test_parallelism_is_one_node_a_room() -> None:
    wide = replace(job("test", "build"), limits=Limits(parallelism=3))
    found = only(job("build"), wide, job("report", "test"))
    assert ids(found) == ["build", "test (1/3)", "test (2/3)", "test (3/3)", "report"]
    assert [(node.index, node.total) for node in found.nodes[1:4]] == [(0, 3), (1, 3), (2, 3)]
    assert found.nodes[-1].after == {"test (1/3)", "test (2/3)", "test (3/3)"}
    assert found.by_job["test"] == ("test (1/3)", "test (2/3)", "test (3/3)")


def test_a_matrix_is_multiplied_out() -> None:
    matrix = Matrix(
        axes={"os": ("linux", "mac"), "python": (3.11, 3.12)},
        exclude=({"os": "mac", "python": 3.11},),
        include=({"os": "windows", "python": 3.12},),
    )
    found = only(replace(job("test"), matrix=matrix), job("report", "test"))
    cells = ["test (linux, 3.11)", "test (linux, 3.12)", "test (mac, 3.12)", "test (windows, 3.12)"]
    assert ids(found) == [*cells, "report"]
    assert found.nodes[0].job.cell == {"os": "linux", "python": 3.11}
    assert found.nodes[0].job.matrix is None
    assert found.nodes[-1].after == set(cells)
    assert found.by_job["test"] == tuple(cells)
    assert found.by_job[cells[2]] == (cells[2],)
    chosen = only(replace(job("test"), matrix=matrix), selection=Selection(cells={"os": ("mac",), "python": ("3.12",)}))
    assert ids(chosen) == ["test (mac, 3.12)"]


def test_a_job_on_an_empty_matrix_is_left_out_with_what_hangs_on_it() -> None:
    empty = replace(job("test"), matrix=Matrix(axes={"os": ()}))
    assert ids(only(empty, job("report", "test"), job("other"))) == ["other"]


def test_a_cycle_is_a_finding_with_its_path_and_the_rest_is_planned() -> None:
    found = only(job("a", "c"), job("b", "a"), job("c", "b"), job("after", "c"), job("free"))
    assert ids(found) == ["free"]
    (finding,) = found.findings
    assert finding.severity is Severity.ERROR
    assert finding.code == "requires-cycle"
    assert finding.message.endswith("`a` -> `c` -> `b` -> `a`")
    assert finding.at == Position("ci.yml", 9, 5)
    assert reason(found, "after") == (False, "it waits for jobs that wait for one another")


def test_every_unknown_requirement_is_a_finding() -> None:
    optional = replace(job("d"), needs=(Need("gone", optional=True),))
    found = only(job("build"), job("a", "biuld"), job("b", "nowhere"), optional)
    assert [(one.code, one.at.line, one.hint) for one in found.findings] == [
        ("unknown-job", 9, "did you mean `build`?"),
        ("unknown-job", 9, "name a job of the same workflow"),
    ]
    assert ids(found) == ["build", "a", "b", "d"]


def test_a_condition_that_cannot_be_evaluated_is_a_finding() -> None:
    at = Position("ci.yml", 7, 1)
    found = only(job("a", when=Condition(expression=Text("boom", at))), job("b"))
    assert ids(found) == ["b"]
    (finding,) = found.findings
    assert (finding.severity, finding.at) == (Severity.ERROR, at)
    assert "boom is no word" in finding.message


def test_a_schedule_that_cannot_be_evaluated_is_a_finding() -> None:
    broken = replace(flow("nightly", job("a")), schedules=(Schedule(Text("boom", AT)),))
    found, other = plan((broken, flow("ci", job("b"))), PUSH, DIALECT)
    assert (ids(found), ids(other)) == ([], ["b"])
    assert [(one.code, one.at) for one in found.findings] == [("condition-fails", AT)]


def test_what_cannot_be_performed_here_is_told_on_its_node() -> None:
    flows = (flow("main", job("linux"), job("mac")),)
    (found,) = plan(flows, PUSH, DIALECT, unmet=lambda one: "no macOS here" if one.id == "mac" else None)
    assert {node.id: node.unmet for node in found.nodes} == {"linux": None, "mac": "no macOS here"}


def test_ten_thousand_jobs() -> None:
    chain = [job("0"), *(job(str(number), str(number - 1)) for number in range(1, 10_000))]
    found = only(*reversed(chain))
    assert ids(found)[0] == "0"
    assert len(found.nodes) == 10_000
    assert len(ids(only(*chain, selection=Selection(jobs=("5000",))))) == 5001


def test_steps_are_those_of_the_jobs_asked_for() -> None:
    step = Step("0", Text("say"), AT, Script(Text("true")))
    build, test = replace(job("build"), steps=(step,) * 4), replace(job("test", "build"), steps=(step,) * 3)
    found = only(build, test, selection=Selection(jobs=("test",), steps=(2, 3)))
    assert {node.id: node.steps for node in found.nodes} == {"build": None, "test": (2, 3)}
    with pytest.raises(InputError, match="`test` has 3 steps, and no step 4"):
        only(build, test, selection=Selection(jobs=("test",), steps=(4, 9)))
