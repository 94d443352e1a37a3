"""The phases of a job: what each line of them means for it when it fails. One shell performs them all.

https://docs.travis-ci.com/user/job-lifecycle/
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from understudy.dialects.travis.languages import Row, language_of, texts
from understudy.findings import Position
from understudy.model.pipeline import ON_FAILURE, ON_SUCCESS, Condition, Script, Step, Text
from understudy.model.results import Outcome

PAGE = "https://docs.travis-ci.com/user/job-lifecycle/"
SILENCE_S = 600.0
"""How long a job may print nothing: https://docs.travis-ci.com/user/customizing-the-build/#build-timeouts."""

ENDED = Condition(after=frozenset({Outcome.PASSED, Outcome.FAILED}))
"""After the script, however it ended; a job that was broken off before has ended by then."""

Where = Callable[..., Position]
"""The place of a value of the job by its path: `where("script", 0)`."""


@dataclass(frozen=True, slots=True)
class Phase:
    """When the lines of a phase are performed, whether a failure breaks the job off, and whether it is forgiven."""

    when: Condition
    fatal: bool = False
    forgiven: bool = False


PHASES: Mapping[str, Phase] = {
    "before_install": Phase(ON_SUCCESS, fatal=True),
    "install": Phase(ON_SUCCESS, fatal=True),
    "before_script": Phase(ON_SUCCESS, fatal=True),
    "script": Phase(ENDED),
    "before_cache": Phase(ENDED, forgiven=True),
    "after_success": Phase(ON_SUCCESS, forgiven=True),
    "after_failure": Phase(ON_FAILURE, forgiven=True),
    "before_deploy": Phase(ON_SUCCESS, fatal=True),
    "after_deploy": Phase(ON_SUCCESS, forgiven=True),
    "after_script": Phase(ENDED, forgiven=True),
}
"""https://docs.travis-ci.com/user/job-lifecycle/#breaking-the-build"""

_SKIPS = ({"skip"}, {"ignore"})


def lines(row: Row, phase: str) -> tuple[str, ...]:
    """The lines of a phase, those of the language where the file has none; `skip` is none."""
    written = row.get(phase)
    if written is None or written == ():
        language = language_of(row)
        defaults = {"install": language.install, "script": language.script}.get(phase, ())
        return tuple(language.filled(line, row) for line in defaults)
    found = texts(written)
    return () if set(found) in _SKIPS else found


def line_steps(
    row: Row, phase: str, where: Where, *, when: Condition | None = None, prefix: str = ""
) -> Iterator[Step]:
    """A step for each line of `phase`. `when` holds besides; ids begin with `prefix`."""
    rule = PHASES[phase]
    written = row.get(phase) is not None
    for number, line in enumerate(lines(row, phase)):
        at = where(phase, number) if written else where()
        condition = rule.when if when is None else replace(when, after=rule.when.after)
        yield step(
            f"{prefix}{'.' if prefix else ''}{phase}.{number + 1}",
            title(line) if written else title(line).removeprefix("# "),
            line,
            at,
            when=condition,
            fatal=rule.fatal,
            forgiven=rule.forgiven,
        )


def title(line: str) -> str:
    """What a line is called: the first of its own lines that says something."""
    return next((one.strip() for one in line.splitlines() if one.strip()), "nothing")


def step(  # noqa: PLR0913 - each of them says one thing about the step
    identity: str,
    name: str,
    body: str,
    at: Position,
    *,
    when: Condition = ON_SUCCESS,
    fatal: bool = False,
    forgiven: bool = False,
) -> Step:
    """A step that the job's shell performs."""
    return Step(
        identity,
        Text(name, at),
        at,
        Script(Text(body, at)),
        when=when,
        no_output_timeout_s=SILENCE_S,
        continue_on_error=forgiven,
        fatal=fatal,
    )
