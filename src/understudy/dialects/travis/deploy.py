"""The deployments of a job as steps: scripts are run, what only Travis can do is named and left out.

https://docs.travis-ci.com/user/deployment-v2/
"""

import shlex
from collections.abc import Iterator, Mapping

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.deployment import deployment
from understudy.dialects.travis.languages import Row, text, texts
from understudy.dialects.travis.phases import Where, line_steps
from understudy.findings import Position
from understudy.model.pipeline import Condition, Script, Step, Text
from understudy.model.results import Facts

PAGE = "https://docs.travis-ci.com/user/deployment-v2/"
SCRIPT = "script"
"""The provider that is performed."""
ELSEWHERE = "only Travis deploys with this provider, and nothing is deployed from here"


def entries(row: Row) -> tuple[Mapping[str, Value], ...]:
    """The entries of `deploy`, those of `addons` included; what is none is left out."""
    addons = row.get("addons")
    written = (row.get("deploy"), addons.get("deploy") if isinstance(addons, Mapping) else None)
    listed = (one for value in written for one in (value if isinstance(value, tuple) else (value,)))
    return tuple(one for one in listed if isinstance(one, Mapping))


def provider(entry: Mapping[str, Value]) -> str:
    """The name of the provider that an entry asks for."""
    return text(entry.get("provider")) or "nothing"


def steps(row: Row, facts: Facts, where: Where) -> Iterator[Step]:
    """What is performed for each entry of `deploy`, where its `on` lets it: the phases around it, and itself."""
    for number, entry in enumerate(entries(row)):
        at = where("deploy", number)
        base = f"deploy.{number + 1}"
        when = _when(number, entry, at)
        if (tests := deployment(entry, row, facts).tests) and provider(entry) == SCRIPT:
            yield _test(base, number, tests, at)
        yield from line_steps(row, "before_deploy", where, when=when, prefix=base)
        yield _deploy(base, entry, at, when)
        yield from line_steps(row, "after_deploy", where, when=when, prefix=base)


def _when(number: int, entry: Mapping[str, Value], at: Position) -> Condition:
    """What `on` says; never, for a provider that is only planned."""
    if provider(entry) != SCRIPT:
        return Condition(expression=Text(f"never:{ELSEWHERE}", at))
    return Condition(expression=Text(f"deploy:{number}", at), written="the `on` of the deployment")


def _test(base: str, number: int, tests: tuple[str, ...], at: Position) -> Step:
    """Asks bash whether the `condition` of an entry holds; it is to do so when the script has ended.

    https://docs.travis-ci.com/user/deployment-v2/conditional/#complex-conditional-deployments
    """
    asked = " && ".join(f"[[ {test} ]]" for test in tests)
    lines = (
        f"if {asked}; then\n  __understudy_tell met true\nelse\n"
        "  echo 'Skipping a deployment, because a custom condition was not met'\n  __understudy_tell met false\nfi"
    )
    when = Condition(expression=Text(f"deploy:{number}", at), written="the `on` of the deployment")
    return Step(
        f"{base}.condition", Text(f"Condition: {' && '.join(tests)}", at), at, Script(Text(lines, at)), when=when
    )


def _deploy(base: str, entry: Mapping[str, Value], at: Position, when: Condition) -> Step:
    """A failure is the job's, which ends with it, unless the entry allows it."""
    name = provider(entry)
    allowed = entry.get("allow_failure") is True
    if name != SCRIPT:
        return Step(base, Text(f"Deploy: {name}", at), at, Script(Text(f"dpl {shlex.quote(name)}", at)), when=when)
    return Step(
        base,
        Text(f"Deploy: {'; '.join(texts(entry.get('script'))) or 'script'}", at),
        at,
        Script(Text(_script(entry), at)),
        when=when,
        continue_on_error=allowed,
        fatal=not allowed,
    )


def _script(entry: Mapping[str, Value]) -> str:
    """The scripts run in shells of their own, one after another until one fails, in a tidy folder if that is asked for.

    https://docs.travis-ci.com/user/deployment-v2/providers/script/ and
    https://docs.travis-ci.com/user/deployment-v2/#cleaning-up-the-git-working-directory
    """
    tidy = entry.get("cleanup") is True or entry.get("skip_cleanup") is False
    scripts = " && ".join(f"bash -c {shlex.quote(one)}" for one in texts(entry.get("script"))) or "true"
    return f"git stash --all && {scripts}" if tidy else scripts
