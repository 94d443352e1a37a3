"""A build's jobs: https://docs.travis-ci.com/user/build-matrix/."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.dialects.travis import matrix
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.conform import rows
from understudy.dialects.travis.matrix import expand, expansion

VECTORS = Path(__file__).parents[4] / "shared" / "vectors"
ENV_ROWS: Value = {"jobs": ({"A": "1"}, {"A": "2"})}


def test_every_combination_is_a_job_and_the_first_key_changes_slowest() -> None:
    config: dict[str, Value] = {"language": "python", "env": ENV_ROWS, "python": ("3.9", "3.10"), "script": ("make",)}
    found = expand(config, {})
    assert [(row["python"], row["env"]) for row in found] == [
        ("3.9", ({"A": "1"},)),
        ("3.9", ({"A": "2"},)),
        ("3.10", ({"A": "1"},)),
        ("3.10", ({"A": "2"},)),
    ]
    assert all(row["script"] == ("make",) and row["language"] == "python" for row in found)


def test_what_is_of_the_build_is_no_jobs() -> None:
    config: dict[str, Value] = {
        "stages": ({"name": "test"},),
        "notifications": {"email": False},
        "version": "~> 1.0",
        "import": ({"source": "a.yml"},),
        "script": ("make",),
    }
    assert expand(config, {}) == ({"script": ("make",)},)


def test_listed_jobs_inherit_and_come_after_the_matrix() -> None:
    config: dict[str, Value] = {
        "language": "python",
        "python": ("3.9", "3.10"),
        "env": {"global": ({"G": "g"},), "jobs": ({"A": "1"}, {"A": "2"})},
        "jobs": {"include": ({"stage": "deploy", "script": ("ship",)}, {"name": "last", "env": ({"B": "b"},)})},
    }
    found = expansion(config, {}).rows
    assert [row.include for row in found] == [None, None, None, None, 0, 1]
    # A listed job takes the first version, and the first row of variables where it has none of its own.
    first, second = found[4].config, found[5].config
    assert (first["python"], first["env"], first["stage"]) == ("3.9", ({"G": "g"}, {"A": "1"}), "deploy")
    assert (second["env"], second["stage"]) == (({"G": "g"}, {"B": "b"}), "deploy")


def test_one_cell_beside_listed_jobs_is_no_job_of_its_own() -> None:
    config: dict[str, Value] = {"python": ("3.9",), "jobs": {"include": ({"name": "one"},)}}
    assert expand(config, {}) == ({"python": "3.9", "name": "one"},)


def test_what_the_language_or_the_system_does_not_support_multiplies_nothing() -> None:
    config: dict[str, Value] = {
        "language": "python",
        "rvm": ("2.7", "3.0"),
        "os": ("linux", "osx"),
        "osx_image": ("xcode12", "xcode13"),
        "dist": "focal",
    }
    assert expand(config, {}) == (
        {"language": "python", "os": "linux", "dist": "focal"},
        {"language": "python", "os": "osx", "osx_image": "xcode12"},
        {"language": "python", "os": "osx", "osx_image": "xcode13"},
    )


def test_an_excluded_job_says_which_entry_names_it() -> None:
    config: dict[str, Value] = {
        "python": ("3.9", "3.10"),
        "env": {"global": ({"G": "g"},), "jobs": ({"A": "1"}, {"A": "2"})},
        "jobs": {
            "exclude": (
                {"python": "3.8"},
                {"python": "3.9", "env": ({"A": "2"},)},
                {"if": "branch = main", "python": "3.10", "env": ({"A": "1"},)},
            )
        },
    }
    on_main, elsewhere = (expansion(config, {"branch": branch}) for branch in ("main", "dev"))
    assert len(on_main.rows) == 2
    assert [one.reason for one in on_main.excluded] == [
        "entry 2 of `jobs.exclude` names it",
        "entry 3 of `jobs.exclude` names it",
    ]
    assert len(elsewhere.rows) == 3


def test_a_job_whose_condition_does_not_hold_is_left_out_with_the_reason() -> None:
    config: dict[str, Value] = {
        "jobs": {"include": ({"name": "always"}, {"name": "main", "if": "branch = main", "env": ({"A": "1"},)})}
    }
    found = expansion(config, {"branch": "dev"})
    assert [(row.include, row.starts) for row in found.rows] == [(0, True), (1, False)]
    assert found.rows[1].reason == "`if: branch = main` does not hold"
    assert [row["name"] for row in expand(config, {"branch": "dev"})] == ["always"]
    assert len(expand(config, None)) == 2


def test_a_condition_sees_the_jobs_own_variables_and_system() -> None:
    jobs: Value = ({"if": "env(A) = 1 AND os = osx", "env": ({"A": "1"},), "os": "osx"}, {"if": "env(A) = 1"})
    found = expansion({"os": ("linux",), "jobs": {"include": jobs}}, {"env": ({"A": "2"},)})
    assert [row.starts for row in found.rows] == [True, False]


def test_equal_jobs_are_one() -> None:
    config: dict[str, Value] = {"jobs": {"include": ({"name": "a"}, {"name": "a"}, {"name": "b"})}}
    assert [row["name"] for row in expand(config, {})] == ["a", "b"]


def test_a_matrix_of_billions_is_refused_and_not_made() -> None:
    many: Value = tuple(str(number) for number in range(100))
    with pytest.raises(matrix.TooManyJobs) as caught:
        expand({"python": many, "os": many, "env": {"jobs": many}, "rust": many}, {})
    assert caught.value.count == 100**4


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.text("ab=", max_size=3))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["global", "jobs", "include", "exclude", "if", "env", "stage", "os"]), inner),
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["os", "env", "python", "language", "jobs", "stages", "dist", "script", "global_env"])


@given(st.dictionaries(KEYS, VALUES))
def test_whatever_the_configuration_there_are_rows(config: dict[str, Value]) -> None:
    assert all(isinstance(row, dict) for row in expand(config, {"branch": "main"}))


@pytest.mark.corpus
def test_the_services_own_cases() -> None:
    path = VECTORS / "travis_matrix.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    answers = [rows({"text": one["yaml"], "data": one["data"], "options": one["meta"]}) for one in cases]
    assert [one["yaml"] for one, answer in zip(cases, answers, strict=True) if answer != {"rows": one["arg"]}] == []
    assert len(cases) > 40
