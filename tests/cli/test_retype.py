"""Commands that are told to be typed do what the one did that told of them."""

import shlex

import pytest

from understudy.cli import parser
from understudy.cli.retype import command_for

EVERYTHING = (
    "run build -j a -j 'b c' --file ci.yml --executor e --matrix x=1 --steps 2-5 --event push --event-file e.json"
    " --input i=1 --var v=2 --branch b --tag t --base main --from-fork --schedule s --param p=3 --ci circleci"
    " --actor me --runtime docker --pull never --limits none --gpus --docker-in-jobs nested --approve hold --committed"
    " --no-network --offline --secret-file s.env --secret S --go-on --dry-run -C elsewhere --store st"
)
OWN = {"jobs", "json", "verbose", "quiet", "color", "debug", "version"}
"""How much at once and how it is shown is no part of what is performed."""


def parsed(line: str) -> dict[str, object]:
    found = vars(parser.build().parse_args(shlex.split(line)))
    return {name: value for name, value in found.items() if name not in OWN}


def again(line: str, *jobs: str) -> str:
    options = parser.build().parse_args(shlex.split(line))
    return command_for(options, options.workflow, jobs or options.job).removeprefix("understudy ")


def test_all_that_is_said_of_a_run_is_said_again() -> None:
    nothing, everything = parsed("run"), parsed(EVERYTHING)
    assert [name for name in nothing if nothing[name] == everything[name]] == ["command"], "a flag that isn't tried"
    assert parsed(again(EVERYTHING)) == everything


@pytest.mark.parametrize("steps", ["3", "2-5", "4-", "-3"])
def test_a_range_of_steps_is_for_the_jobs_that_were_asked_for(steps: str) -> None:
    line = f"run -j a --steps={steps}"
    assert parsed(again(line)) == parsed(line)
    assert again(line, "b") == "run -j b"
