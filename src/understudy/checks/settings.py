"""Settings of the project on its service that the texts of planned jobs name and that nobody has given here."""

from collections.abc import Iterator, Set

from understudy.dialects.base import Asked, Dialect, Setting
from understudy.findings import Finding, Severity
from understudy.plan.plan import Plan

_HINTS = {
    Setting.SECRET: "give it with --secret-file, or in understudy.toml",
    Setting.VARIABLE: "give it with --var {}=VALUE",
    Setting.TOKEN: "give one with --secret {}; what is done with it is done for real",
}


def asked_in(plan: Plan, dialect: Dialect) -> tuple[Asked, ...]:
    """What the planned jobs ask for, each setting once, where it is named first."""
    found: dict[tuple[Setting, str], Asked] = {}
    for node in {node.job.id: node for node in plan.nodes}.values():
        for one in dialect.asked(node.job, node.pipeline or plan.pipeline):
            found.setdefault((one.setting, one.name.lower()), one)
    return tuple(found.values())


def missing_settings(asked: tuple[Asked, ...], given: Set[str], variables: Set[str]) -> Iterator[Finding]:
    """One warning for each of `asked` that is not among the names `given` in secret, or among the `variables`."""
    known = {name.lower() for name in given}
    plain = {name.lower() for name in variables}
    for one in asked:
        if one.name.lower() in (plain if one.setting is Setting.VARIABLE else known):
            continue
        hint = _HINTS[one.setting].format(one.name)
        yield Finding(Severity.WARNING, f"{one.setting.value}-not-given", _message(one), one.at, hint)


def _message(one: Asked) -> str:
    match one.setting:
        case Setting.TOKEN:
            return "the service makes a token (`github.token`) for each run; here it is empty"
        case Setting.SECRET:
            return f"the secret `{one.name}` is not given: it is empty here"
        case Setting.VARIABLE:
            return f"the variable `{one.name}` is not given: it is empty here"
