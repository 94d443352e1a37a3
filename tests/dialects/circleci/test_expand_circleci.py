"""Commands, parameters, conditions and executors come to what CircleCI's documentation says they come to."""

import textwrap

import pytest
import yaml

from understudy.dialects.circleci.process import process
from understudy.findings import Finding, Severity
from understudy.model.results import Facts

PATH = ".circleci/config.yml"


def processed(text: str, **parameters: str) -> tuple[dict[str, object], list[Finding]]:
    """The processed form, as YAML's plain texts, and the errors."""
    data = textwrap.dedent(text).encode()
    facts = Facts(root="", branch="dev", sha="a" * 40, parameters=parameters, number=7)
    shown, findings = process(PATH, {PATH: data}.get, facts)
    return yaml.load(shown, Loader=yaml.BaseLoader), [one for one in findings if one.severity is Severity.ERROR]


def job(text: str, name: str = "build", **parameters: str) -> dict[str, object]:
    form, errors = processed(text, **parameters)
    assert errors == []
    jobs = form["jobs"]
    assert isinstance(jobs, dict)
    found = jobs[name]
    assert isinstance(found, dict)
    return found


def errors_of(text: str, **parameters: str) -> list[tuple[str, int, int]]:
    _, errors = processed(text, **parameters)
    return [(one.code, one.at.line, one.at.column) for one in errors]


def test_command_takes_its_argument_or_its_default() -> None:
    found = job("""\
        version: 2.1
        commands:
          greet:
            parameters:
              to: {type: string, default: world}
            steps:
              - run: echo "Hello <<parameters.to>>"
        jobs:
          build:
            docker: [{image: cimg/base:stable}]
            steps:
              - greet
              - greet:
                  to: Lev
        """)
    assert found["steps"] == [{"run": 'echo "Hello world"'}, {"run": 'echo "Hello Lev"'}]


def test_steps_given_as_a_parameter_stand_where_they_are_asked_for() -> None:
    found = job("""\
        version: 2.1
        commands:
          test:
            parameters:
              after-deps: {type: steps, default: []}
            steps:
              - run: make deps
              - steps: << parameters.after-deps >>
              - run: make test
        jobs:
          build:
            docker: [{image: cimg/base:stable}]
            steps:
              - test:
                  after-deps:
                    - run: echo installed
                    - run: echo "now the tests"
        """)
    commands = ["make deps", "echo installed", 'echo "now the tests"', "make test"]
    assert found["steps"] == [{"run": command} for command in commands]


def test_steps_given_as_a_parameter_may_use_the_callers_own_commands() -> None:
    found = job("""\
        version: 2.1
        orbs:
          kit:
            commands:
              local: {steps: [{run: the orb's}]}
              wrap:
                parameters: {inner: {type: steps, default: [local]}}
                steps:
                  - steps: << parameters.inner >>
        commands:
          local: {steps: [{run: the file's}]}
        jobs:
          build:
            docker: [{image: a}]
            steps:
              - kit/wrap
              - kit/wrap: {inner: [local]}
        """)
    assert found["steps"] == [{"run": "the orb's"}, {"run": "the file's"}]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ["echo 'preinstall is false'", "echo no"]),
        ("preinstall: true", ["echo 'preinstall is true'", "echo yes"]),
        ("preinstall: on", ["echo 'preinstall is true'", "echo yes"]),
        ("preinstall: No", ["echo 'preinstall is false'", "echo no"]),
    ],
)
def test_when_and_unless_follow_a_boolean(given: str, expected: list[str]) -> None:
    """YAML 1.1's words for true and false count; see reusing-config, #boolean."""
    found = job(
        f"""\
        version: 2.1
        jobs:
          build:
            parameters:
              preinstall: {{type: boolean, default: false}}
            docker: [{{image: a}}]
            steps:
              - run: echo 'preinstall is << parameters.preinstall >>'
              - when:
                  condition: << parameters.preinstall >>
                  steps: [{{run: echo yes}}]
              - unless:
                  condition: << parameters.preinstall >>
                  steps: [{{run: echo no}}]
        workflows:
          w:
            jobs:
              - build: {{ {given} }}
        """
    )
    assert found["steps"] == [{"run": command} for command in expected]


def test_a_list_of_steps_is_true_when_there_are_any() -> None:
    found = job("""\
        version: 2.1
        commands:
          maybe:
            parameters: {inner: {type: steps, default: []}}
            steps:
              - when:
                  condition: << parameters.inner >>
                  steps: [{run: some}]
        jobs:
          build:
            docker: [{image: a}]
            steps: [maybe, maybe: {inner: [checkout]}]
        """)
    assert found["steps"] == [{"run": "some"}]


def test_executor_parameters_and_the_jobs_own_keys_over_them() -> None:
    """The two examples of reusing-config: a parameterised executor, and a job that overrides `docker`."""
    text = """\
        version: 2.1
        executors:
          python:
            parameters:
              tag: {type: string, default: latest}
              special: {type: string}
            docker: [{image: "cimg/python:<< parameters.tag >>"}]
            environment: {PRECIOUS: << parameters.special >>, BOTH: executor}
        jobs:
          build:
            executor: {name: python, tag: "2.7", special: value}
            environment: {BOTH: job}
            steps: [checkout]
          other:
            executor: {name: python, special: value}
            docker: [{image: cimg/base:stable}]
            steps: [checkout]
        workflows: {w: {jobs: [build, other]}}
        """
    assert job(text) == {
        "docker": [{"image": "cimg/python:2.7"}],
        "environment": {"PRECIOUS": "value", "BOTH": "job"},
        "steps": ["checkout"],
    }
    other = job(text, "other")
    assert other["docker"] == [{"image": "cimg/base:stable"}]
    assert other["environment"] == {"PRECIOUS": "value", "BOTH": "executor"}


def test_executor_parameter_by_name_and_with_arguments() -> None:
    text = """\
        version: 2.1
        executors:
          xenial:
            parameters: {some-value: {type: string, default: foo}}
            environment: {SOME: << parameters.some-value >>}
            docker: [{image: "ubuntu:xenial"}]
          bionic:
            docker: [{image: "ubuntu:bionic"}]
        jobs:
          test:
            parameters: {e: {type: executor, default: xenial}}
            executor: << parameters.e >>
            steps: [checkout]
        workflows:
          w:
            jobs:
              - test: {name: one, e: bionic}
              - test: {name: two, e: {name: xenial, some-value: foobar}}
              - test: {name: three}
        """
    form, errors = processed(text)
    assert errors == []
    assert form["jobs"] == {
        "one": {"docker": [{"image": "ubuntu:bionic"}], "steps": ["checkout"]},
        "two": {"docker": [{"image": "ubuntu:xenial"}], "environment": {"SOME": "foobar"}, "steps": ["checkout"]},
        "three": {"docker": [{"image": "ubuntu:xenial"}], "environment": {"SOME": "foo"}, "steps": ["checkout"]},
    }


def test_pre_and_post_steps_stand_around_the_jobs_own() -> None:
    found = job("""\
        version: 2.1
        jobs:
          build:
            docker: [{image: a}]
            steps: [checkout]
        workflows:
          w:
            jobs:
              - build:
                  pre-steps: [{run: first}]
                  post-steps: [{run: last}]
        """)
    assert found["steps"] == [{"run": "first"}, "checkout", {"run": "last"}]


def test_pipeline_values_parameters_and_expressions() -> None:
    text = """\
        version: 2.1
        parameters:
          image-tag: {type: string, default: current}
          count: {type: integer, default: 1}
          fast: {type: boolean, default: false}
        jobs:
          build:
            docker: [{image: "cimg/node:<< pipeline.parameters.image-tag >>"}]
            parallelism: << pipeline.git.branch == "main" and 10 or 1 >>
            environment: {COUNT: << pipeline.parameters.count >>, FAST: << pipeline.parameters.fast >>}
            steps:
              - run: echo << pipeline.number >> << pipeline.git.branch >>
        """
    assert job(text) == {
        "docker": [{"image": "cimg/node:current"}],
        "parallelism": "1",
        "environment": {"COUNT": "1", "FAST": "false"},
        "steps": [{"run": "echo 7 dev"}],
    }
    given = job(text, **{"image-tag": "9", "count": "3", "fast": "true"})
    assert given["docker"] == [{"image": "cimg/node:9"}]
    assert given["environment"] == {"COUNT": "3", "FAST": "true"}


def test_two_signs_behind_a_backslash_are_themselves() -> None:
    found = job(r"""
        version: 2.1
        jobs:
          build:
            docker: [{image: a}]
            steps:
              - run: "cat \\<<EOF > file"
        """)
    assert found["steps"] == [{"run": "cat <<EOF > file"}]


def test_version_2_0_knows_no_values_in_angle_brackets() -> None:
    found = job("""\
        version: 2
        jobs:
          build:
            docker: [{image: a}]
            steps:
              - run: cat <<EOF > file
        """)
    assert found["steps"] == [{"run": "cat <<EOF > file"}]


def test_a_workflow_that_does_not_run_is_left_out() -> None:
    form, errors = processed("""\
        version: 2.1
        jobs:
          a: {docker: [{image: a}], steps: [checkout]}
          b: {docker: [{image: b}], steps: [checkout]}
        workflows:
          on-main:
            when: pipeline.git.branch == "main"
            jobs: [a]
          elsewhere:
            unless: {equal: [main, << pipeline.git.branch >>]}
            jobs: [b]
        """)
    assert errors == []
    assert form["jobs"] == {"b": {"docker": [{"image": "b"}], "steps": ["checkout"]}}
    assert form["workflows"] == {"version": "2", "elsewhere": {"jobs": ["b"]}}


HEAD = """\
version: 2.1
commands:
  say:
    parameters:
      what: {type: string}
      os: {type: enum, enum: [linux, darwin], default: linux}
      loud: {type: boolean, default: false}
      times: {type: integer, default: 1}
      name-of: {type: env_var_name, default: HOME}
    steps: [{run: echo << parameters.what >>}]
jobs:
  build:
    docker: [{image: a}]
    steps:
      - say: { ARGUMENTS }
"""


@pytest.mark.parametrize(
    ("arguments", "code", "column"),
    [
        ("what: 1.21", "parameter-value", 22),
        ("what: true", "parameter-value", 22),
        ("what: [a]", "parameter-value", 22),
        ("what: a, os: win32", "parameter-value", 29),
        ("what: a, loud: 'true'", "parameter-value", 31),
        ("what: a, times: two", "parameter-value", 32),
        ("what: a, name-of: not a name", "parameter-value", 34),
        ("os: linux", "missing-parameter", 9),
        ("what: a, wat: b", "unknown-parameter", 25),
    ],
)
def test_arguments_that_do_not_fit(arguments: str, code: str, column: int) -> None:
    assert errors_of(HEAD.replace("ARGUMENTS", arguments)) == [(code, 15, column)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("commands: {a: {parameters: {x: {type: enum, enum: [b], default: c}}, steps: []}}", "parameter-default"),
        ("commands: {a: {parameters: {x: {type: word}}, steps: []}}", "parameter-type"),
        ("parameters: {x: {type: steps, default: []}}", "parameter-type"),
        ("parameters: {x: {type: string}}", "missing-parameter"),
        ("commands: {a: {steps: [b]}, b: {steps: [a]}}", "recursive-command"),
        ("commands: {a: {steps: [chekcout]}}", "unknown-command"),
        ("commands: {a: {steps: [{run: 'cat <<EOF'}]}}", "unclosed-value"),
    ],
)
def test_declarations_that_are_wrong_even_where_nobody_uses_them(text: str, expected: str) -> None:
    codes = [code for code, _, _ in errors_of(f"version: 2.1\n{text}\n")]
    if expected == "unclosed-value":
        assert expected in codes
    else:
        assert codes == [expected]


def test_recursive_commands_are_told_with_their_path() -> None:
    _, errors = processed("""\
        version: 2.1
        commands:
          a: {steps: [b]}
          b: {steps: [a]}
        jobs:
          build: {docker: [{image: a}], steps: [a]}
        """)
    assert [(one.code, one.at.line) for one in errors] == [("recursive-command", 4)]
    assert "`a -> b -> a`" in errors[0].message


def test_parameters_are_in_scope_only_where_they_are_declared() -> None:
    """The example of pipeline-variables, #element-parameter-scope."""
    _, errors = processed("""\
        version: 2.1
        commands:
          print:
            parameters: {message: {type: string}}
            steps: [{run: echo << parameters.message >>}]
        jobs:
          daily:
            machine: {image: "ubuntu-2404:current"}
            parameters: {message: {type: string}}
            steps:
              - print: {message: Printing << parameters.message >>}
        workflows:
          w:
            jobs:
              - daily: {message: << parameters.message >>}
        """)
    assert [(one.code, one.at.line) for one in errors] == [("undeclared-parameter", 15)]


def test_names_that_are_nearly_right_are_hinted_at() -> None:
    _, errors = processed("""\
        version: 2.1
        executors: {python: {docker: [{image: a}]}}
        commands: {install: {steps: [{run: a}]}}
        jobs:
          build:
            executor: pyhton
            steps: [instal]
        workflows: {w: {jobs: [build, biuld]}}
        """)
    hints = {one.code: (one.at.line, one.hint) for one in errors}
    assert hints == {
        "unknown-executor": (6, "did you mean `python`?"),
        "unknown-command": (7, "did you mean `install`?"),
        "unknown-job": (8, "did you mean `build`?"),
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [({"flag": "maybe"}, "parameter-value"), ({"nonsense": "1"}, "unknown-parameter")],
)
def test_pipeline_parameters_that_can_not_be_given(given: dict[str, str], code: str) -> None:
    text = "version: 2.1\nparameters:\n  flag: {type: boolean, default: false}\n"
    assert [found for found, _, _ in errors_of(text, **given)] == [code]


def test_a_chain_of_commands_that_doubles_ends() -> None:
    commands = [f"  c{n}: {{steps: [c{n + 1}, c{n + 1}]}}" for n in range(30)]
    text = "\n".join(["version: 2.1", "commands:", *commands, "  c30: {steps: [checkout]}"])
    text += "\njobs: {build: {docker: [{image: a}], steps: [c0]}}\n"
    assert "too-many-steps" in [code for code, _, _ in errors_of(text)]


def test_a_text_that_doubles_ends() -> None:
    commands = [
        f"  c{n}: {{parameters: {{x: {{type: string}}}}, "
        f"steps: [c{n + 1}: {{x: << parameters.x >><< parameters.x >>}}]}}"
        for n in range(40)
    ]
    text = "\n".join(["version: 2.1", "commands:", *commands])
    text += "\n  c40: {parameters: {x: {type: string}}, steps: [run: << parameters.x >>]}"
    text += "\njobs: {build: {docker: [{image: a}], steps: [c0: {x: abcdefgh}]}}\n"
    assert "text-too-long" in [code for code, _, _ in errors_of(text)]
