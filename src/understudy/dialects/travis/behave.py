"""What Travis CI does while a build runs: the behaviour half of the dialect, as plain functions."""

from collections.abc import Mapping
from functools import cache

from understudy.dialects.base import (
    Annotation,
    Asked,
    Effects,
    EvaluationError,
    Invocation,
    ReadFile,
    RoomFile,
    Scope,
    Setting,
)
from understudy.dialects.travis import deploy, select
from understudy.dialects.travis.deployment import deployment
from understudy.dialects.travis.languages import Row
from understudy.dialects.travis.variables import variables
from understudy.model.pipeline import Condition, Job, Pipeline, Platform, Script, Step, Text
from understudy.model.results import Outcome

PROGRAM = "travis-step"
"""Has the job's shell perform the lines of a step; see its own file."""
STATE = ".understudy/travis"
"""The folder in the job's home in which that shell and the steps talk."""
_KINDS = {"script": ("script.",), "after": ("after_", "before_cache.", "deploy.")}
"""What the shell is told of a step besides its lines, by the beginning of its id."""
VERDICTS = {0: Outcome.PASSED, 1: Outcome.FAILED}
"""What a job comes to by the status that its shell ends with; anything else is errored.

https://docs.travis-ci.com/user/job-lifecycle/#breaking-the-build
"""


def holds(condition: Condition, scope: Scope) -> tuple[bool, str]:
    """Whether a build, a job or a deployment is started, and why, in a clause. Raises EvaluationError."""
    word, _, rest = condition.expression.raw.partition(":") if condition.expression else ("", "", "")
    match word:
        case "build":
            return select.started(_mapping(scope.pipeline.triggers if scope.pipeline else None), scope.facts)
        case "job":
            written = _mapping(scope.job.written if scope.job else None)
            return written.get("starts") is not False, str(written.get("reason") or "")
        case "deploy":
            return _deploys(int(rest), scope)
        case "never":
            return False, rest
        case _:
            return True, "nothing keeps it out"


def _mapping(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def _row(job: Job | None) -> Row:
    return _mapping(_mapping(job.written if job else None).get("row"))


def _deploys(number: int, scope: Scope) -> tuple[bool, str]:
    """Whether the deployment of that number is performed, by what was known before and what bash said of it."""
    row = _row(scope.job)
    found = deployment(deploy.entries(row)[number], row, scope.facts)
    if found.starts and scope.outputs.get(f"deploy.{number + 1}.condition", {}).get("met") == "false":
        return False, f"`condition: {' && '.join(found.tests)}` does not hold"
    return found.starts, found.reason


def asked(job: Job, _pipeline: Pipeline) -> tuple[Asked, ...]:
    """The encrypted variables that have a name: only Travis can decrypt them."""
    hidden = (one.name for one in variables(_row(job).get("env")) if one.value is None and one.name)
    at = next((one.at for one in job.steps if one.id == "env"), job.at)
    return tuple(Asked(Setting.SECRET, name, at) for name in dict.fromkeys(hidden))


def evaluate(text: Text, _scope: Scope) -> str:
    """A text as it is: what Travis fills in, its shell does, and that only in lines."""
    return text.raw


def invoke(job: Job, step: Step, scope: Scope) -> Invocation:
    """Hands the lines of a step to the shell of the job. Raises EvaluationError."""
    if not isinstance(step.action, Script):
        raise EvaluationError(f"the step `{step.name.raw}` has no lines to perform")
    if job.platform is Platform.WINDOWS:
        raise EvaluationError("there is no shell of Travis's for Windows here")
    home = scope.place.home if scope.place else "~"
    state = f"{home.rstrip('/')}/{STATE}"
    kind = next((kind for kind, openings in _KINDS.items() if step.id.startswith(openings)), "line")
    env = {"UNDERSTUDY_TRAVIS": state}
    if scope.secrets:
        env["TRAVIS_SECURE_ENV_VARS"] = "true"
    body = step.action.body.raw.encode("utf-8", "replace")
    return Invocation((PROGRAM, kind), body, env=env, leaves=(f"{state}/ended", f"{state}/told"))


def absorb(_job: Job, step: Step, files: ReadFile) -> Effects:
    """What a line left behind: the verdict on the job, if its shell has ended, and what it had to say."""
    ended = (files(f"~/{STATE}/ended") or b"").decode(errors="replace").strip()
    verdict = VERDICTS.get(int(ended), Outcome.ERRORED) if ended.isdecimal() else None
    lines = (files(f"~/{STATE}/told") or b"").decode(errors="replace").splitlines()
    told = [(kind, rest) for kind, _, rest in (line.partition("\t") for line in lines)]
    return Effects(
        outputs={kind: rest for kind, rest in told if kind == "met" and step.id.endswith(".condition")},
        annotations=tuple(Annotation(_LEVELS[kind], rest) for kind, rest in told if kind in _LEVELS),
        verdict=verdict,
    )


_LEVELS = {"warning": "warning", "missing": "error"}


def furnish(_job: Job) -> tuple[RoomFile, ...]:
    """The program that steps are performed with, and the functions that Travis has.

    https://docs.travis-ci.com/user/common-build-problems/
    """
    return _tools()


@cache
def _tools() -> tuple[RoomFile, ...]:
    from importlib.resources import files as package_files  # noqa: PLC0415 - needed by runs alone

    folder = package_files("understudy.dialects.travis") / "tools"
    main = folder / "travis.d"
    parts = main / "parts"
    return (
        RoomFile(PROGRAM, (folder / PROGRAM).read_bytes(), 0o755),
        *(RoomFile(f"travis.d/{one.name}", one.read_bytes()) for one in main.iterdir() if one.is_file()),
        *(RoomFile(f"travis.d/parts/{one.name}", one.read_bytes()) for one in parts.iterdir() if one.is_file()),
        *(
            RoomFile(f"travis.d/otherwise/{one.name}", one.read_bytes(), 0o755)
            for one in (main / "otherwise").iterdir()
        ),
    )
