"""Matrices: the examples of the documentation, names, labels, containers, and what makes a matrix wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from understudy.dialects.base import EvaluationError, JobState, Scope
from understudy.dialects.github.actions.resolved import SH
from understudy.dialects.github.behave import cells, evaluate
from understudy.dialects.github.cells import platform
from understudy.dialects.github.expression.values import from_plain, to_plain
from understudy.dialects.github.rows import rows
from understudy.findings import Position
from understudy.model.pipeline import Container, Job, Matrix, Need, Pipeline, Platform, Script, Step, Text, Tree
from understudy.model.results import Facts, Outcome

AT = Position(".github/workflows/ci.yml", 1, 1)


def made(matrix: Mapping[str, Any]) -> list[object]:
    return [{name: to_plain(value) for name, value in row.all.items()} for row in rows(from_plain(matrix))]


def job(matrix: Tree = None, **more: Any) -> Job:
    name = more.pop("name", "test")
    return Job("test", Text(name), AT, matrix=None if matrix is None else Matrix({}, written=matrix), **more)


def scope(one: Job, jobs: Mapping[str, JobState] | None = None) -> Scope:
    return Scope(Facts("/"), pipeline=Pipeline("CI", "github", AT, jobs=(one,)), job=one, jobs=jobs or {})


def into(one: Job, jobs: Mapping[str, JobState] | None = None) -> tuple[Job, ...]:
    found = cells(one, scope(one, jobs))
    assert found is not None
    return found


def test_axes_are_multiplied_the_first_one_slowest() -> None:
    # https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations#using-a-multi-dimension-matrix
    assert made({"os": ["ubuntu-22.04", "ubuntu-20.04"], "version": [10, 12, 14]}) == [
        {"os": "ubuntu-22.04", "version": 10},
        {"os": "ubuntu-22.04", "version": 12},
        {"os": "ubuntu-22.04", "version": 14},
        {"os": "ubuntu-20.04", "version": 10},
        {"os": "ubuntu-20.04", "version": 12},
        {"os": "ubuntu-20.04", "version": 14},
    ]


def test_what_include_adds() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
    assert made(
        {
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                {"color": "green"},
                {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        }
    ) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_include_alone() -> None:
    # .../run-job-variations#example-adding-configurations
    assert made({"include": [{"site": "production", "datacenter": "site-a"}, {"site": "staging"}]}) == [
        {"site": "production", "datacenter": "site-a"},
        {"site": "staging"},
    ]


def test_what_exclude_takes_away() -> None:
    # .../run-job-variations#excluding-matrix-configurations
    found = made(
        {
            "os": ["macos-latest", "windows-latest"],
            "version": [12, 14, 16],
            "environment": ["staging", "production"],
            "exclude": [
                {"os": "macos-latest", "version": 12, "environment": "production"},
                {"os": "windows-latest", "version": 16},
            ],
        }
    )
    assert len(found) == 9
    assert {"os": "macos-latest", "version": 12, "environment": "production"} not in found
    assert {"os": "windows-latest", "version": 16, "environment": "staging"} not in found


def test_values_are_compared_as_expressions_compare_them() -> None:
    assert made({"v": ["3.10", "A"], "exclude": [{"V": "a"}, {"v": 3.1}]}) == []
    assert made({"v": [{"a": 1, "b": 2}, {"a": 2}], "exclude": [{"v": {"a": 1}}]}) == [{"v": {"a": 2}}]


@pytest.mark.parametrize(
    "matrix",
    [
        {},
        {"include": []},
        {"os": []},
        {"os": "ubuntu"},
        {"os": ["a"], "exclude": [{"other": 1}]},
        {"os": ["a"], "include": ["b"]},
        {"os": ["a"], "exclude": [{}]},
        {"a": list(range(17)), "b": list(range(16))},
    ],
)
def test_what_is_no_matrix(matrix: Mapping[str, Any]) -> None:
    with pytest.raises(EvaluationError):
        rows(from_plain(matrix))


def test_as_many_jobs_as_there_may_be() -> None:
    # https://docs.github.com/actions/reference/limits: 256 jobs a workflow run
    assert len(rows(from_plain({"a": list(range(16)), "b": list(range(16))}))) == 256


def test_names_and_ids_of_cells() -> None:
    found = into(job({"python": ("3.10", 3.11), "os": ("ubuntu-latest",), "debug": (True,)}))
    assert [one.name.raw for one in found] == ["test (3.10, ubuntu-latest, true)", "test (3.11, ubuntu-latest, true)"]
    assert [one.id for one in found] == [one.name.raw for one in found]
    assert found[1].cell == {"python": 3.11, "os": "ubuntu-latest", "debug": True}
    assert all(one.matrix is None and one.names == ("test",) for one in found)


def test_a_name_with_an_expression_stands_for_itself() -> None:
    found = into(job({"v": (1, 2)}, name="py ${{ matrix.v }}"))
    assert [one.name.raw for one in found] == ["py 1", "py 2"]
    assert [one.id for one in found] == ["test (1)", "test (2)"]


def test_what_include_adds_to_a_cell_is_not_in_its_name() -> None:
    found = into(job({"v": (1,), "include": ({"v": 1, "extra": "x"}, {"v": 2, "extra": "y"})}))
    assert [one.name.raw for one in found] == ["test (1)", "test (2, y)"]
    assert [one.cell["extra"] for one in found] == ["x", "y"]


def test_long_names_are_shortened() -> None:
    (found,) = into(job({"v": ("x" * 120,)}))
    assert found.name.raw == "test (" + "x" * 91 + "..."
    assert len(found.name.raw) == 100


def test_ids_differ_even_where_the_values_look_alike() -> None:
    found = into(job({"v": ("1", 1)}))
    assert len({one.id for one in found}) == 2


def test_lists_and_maps_in_a_matrix() -> None:
    one = job({"config": ({"os": "ubuntu-latest", "flags": ("-a", "-b")},), "none": (None,)})
    (found,) = into(one)
    assert found.name.raw == "test (ubuntu-latest, -a, -b)"
    around = Scope(Facts("/"), pipeline=Pipeline("CI", "github", AT, jobs=(one,)), job=found, cell=found.cell)
    assert evaluate(Text("${{ matrix.config.os }} ${{ join(matrix.config.flags) }}"), around) == "ubuntu-latest -a,-b"
    assert evaluate(Text("${{ matrix.none == null }}"), around) == "true"


def test_the_strategy_context() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/contexts#strategy-context
    one = job({"v": (1, 2, 3)})
    found = into(one)
    names = ("job-index", "job-total", "fail-fast", "max-parallel")
    text = Text(" ".join(f"${{{{ strategy.{name} }}}}" for name in names))
    pipeline = Pipeline("CI", "github", AT, jobs=(one,))
    shown = [evaluate(text, Scope(Facts("/"), pipeline=pipeline, job=cell, cell=cell.cell)) for cell in found]
    assert shown == ["0 3 true 3", "1 3 true 3", "2 3 true 3"]
    alone = job()
    assert evaluate(text, scope(alone)) == "0 1 true 1"


def test_a_matrix_from_the_outputs_of_another_job() -> None:
    # https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations#example-using-contexts-to-create-matrices
    one = job({"v": Text("${{ fromJSON(needs.setup.outputs.versions) }}")}, needs=(Need("setup"),))
    assert cells(one, scope(one)) is None
    done = {"setup": JobState(Outcome.PASSED, {"versions": '["3.10", "3.11"]'})}
    assert [cell.id for cell in into(one, done)] == ["test (3.10)", "test (3.11)"]
    whole = job(Text("${{ fromJSON(needs.setup.outputs.versions) }}"), needs=(Need("setup"),))
    done = {"setup": JobState(Outcome.PASSED, {"versions": '{"include": [{"a": 1}, {"a": 2}]}'})}
    assert [cell.id for cell in into(whole, done)] == ["test (1)", "test (2)"]


def test_keys_that_are_expressions() -> None:
    tree: Tree = {"a": ({"k1": "v1", "${{ insert }}": Text('${{ fromJSON(\'{"k2": "v2"}\') }}')},)}
    (found,) = into(job(tree))
    assert found.cell == {"a": '{"k1":"v1","k2":"v2"}'}
    late = job({"${{ needs.setup.outputs.axis }}": (1,)}, needs=(Need("setup"),))
    assert cells(late, scope(late)) is None
    assert into(late, {"setup": JobState(Outcome.PASSED, {"axis": "x"})})[0].cell == {"x": 1}
    with pytest.raises(EvaluationError, match="insert"):
        into(job({"a": ({"${{insert}}": 1},)}))


def test_what_waits_for_another_job_beside_the_matrix_stays_as_it_is() -> None:
    one = job({"v": (1,)}, needs=(Need("setup"),), runs_on=(Text("${{ needs.setup.outputs.runner }}"),))
    assert into(one)[0].runs_on == (Text("${{ needs.setup.outputs.runner }}"),)
    done = {"setup": JobState(Outcome.PASSED, {"runner": "macos-14"})}
    (found,) = into(one, done)
    assert (found.runs_on, found.platform) == ((Text("macos-14"),), Platform.MACOS)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["ubuntu-latest"], Platform.LINUX),
        (["macos-15-intel"], Platform.MACOS),
        (["windows-2025"], Platform.WINDOWS),
        (["self-hosted", "Windows", "X64"], Platform.WINDOWS),
        (["self-hosted", "macOS"], Platform.MACOS),
        (["my-linux-box"], Platform.LINUX),
        (["macroscope"], Platform.LINUX),
    ],
)
def test_platforms_by_label(labels: list[str], found: Platform) -> None:
    assert platform(tuple(map(Text, labels))) is found


def test_labels_of_cells() -> None:
    found = into(job({"os": ("ubuntu-latest", "windows-latest")}, runs_on=(Text("${{ matrix.os }}"),)))
    assert [one.platform for one in found] == [Platform.LINUX, Platform.WINDOWS]
    (several,) = into(job(runs_on=(Text('${{ fromJSON(\'["self-hosted", "macOS"]\') }}'),)))
    assert several.runs_on == (Text("self-hosted"), Text("macOS"))


def test_where_jobs_and_their_scripts_work() -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_iddefaultsrunworking-directory
    own = Step("a", Text("a"), AT, Script(Text("true")))
    elsewhere = replace(own, id="b", workdir=Text("other"))
    action = Step("c", Text("c"), AT, Script(Text("true"), SH))
    (found,) = into(job(steps=(own, elsewhere, action), workdir=Text("backend")))
    assert found.workdir is not None
    assert found.workdir.raw == "~/work/project/project"
    assert [one.workdir.raw if one.workdir else None for one in found.steps] == ["backend", "other", None]
    again = cells(found, scope(found))
    assert again == (found,)


def test_containers_of_cells() -> None:
    image = Container(Text("${{ matrix.image }}"))
    found = into(job({"image": ("python:3.12", "")}, container=image, services=(image,)))
    assert [one.container.image.raw if one.container else None for one in found] == ["python:3.12", None]
    assert [len(one.services) for one in found] == [1, 0]
    whole = Container(Text("${{ matrix.c }}"))
    (one,) = into(job({"c": ({"image": "a", "env": {"X": 1}, "options": "--init"},)}, container=whole))
    assert one.container == Container(Text("a"), env={"X": Text("1")}, options=Text("--init"))
