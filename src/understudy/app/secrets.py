"""What a run is given in secret, what it lacks, and what must never show."""

from collections.abc import Iterator
from dataclasses import replace

from understudy.checks.secrets import missing_secrets
from understudy.checks.settings import asked_in, missing_settings
from understudy.config import Settings
from understudy.dialects.base import Asked, Dialect, Place, Setting
from understudy.engine.credentials import credentials_in
from understudy.engine.hidden_finding import hidden_finding
from understudy.engine.mask import Secrets
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Job
from understudy.plan.plan import Plan

_NO_NAMES: frozenset[str] = frozenset()


def never_shown(settings: Settings) -> Secrets:
    """All that no output may show: every secret, whichever job it is for, and what network settings hold."""
    contexts = (value for context in settings.contexts.values() for value in context.values())
    return Secrets((*settings.secrets.values(), *contexts, *credentials_in(settings.room_env)))


def masked(findings: tuple[Finding, ...], settings: Settings) -> tuple[Finding, ...]:
    """`findings` without secrets in their words: a parameter's value may be one."""
    secrets = never_shown(settings)
    return tuple(hidden_finding(one, secrets) for one in findings) if secrets else findings


def with_secret_findings(plan: Plan, dialect: Dialect, settings: Settings) -> Plan:
    """`plan`, whose findings tell what would be given in secret on the service and isn't here, before anything runs."""
    return replace(plan, findings=masked((*plan.findings, *_secret_findings(plan, dialect, settings)), settings))


def _secret_findings(plan: Plan, dialect: Dialect, settings: Settings) -> tuple[Finding, ...]:
    if not plan.nodes:
        return ()
    asked = asked_in(plan, dialect)
    if plan.facts.from_fork:
        open_ones = tuple(one for one in asked if one.setting is Setting.VARIABLE)
        return (*_withheld(plan, asked, settings), *missing_settings(open_ones, set(), plan.facts.variables.keys()))
    given = settings.secrets.keys() | {name.rpartition(".")[2] for name in settings.unset}
    return (
        *_contexts_not_given(plan, settings, loose=dialect.TRAITS.loose_contexts),
        *_not_set(plan, settings),
        *_not_given(plan, dialect, settings),
        *missing_settings(asked, given, plan.facts.variables.keys()),
    )


def _withheld(plan: Plan, asked: tuple[Asked, ...], settings: Settings) -> Iterator[Finding]:
    """No secret goes to a job that strangers have written.

    See https://circleci.com/docs/guides/integration/oss/#pass-secrets-to-builds-from-forked-pull-requests and
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories.
    """
    secret = any(one.setting is Setting.SECRET for one in asked)
    if secret or settings.secrets or any(node.job.contexts for node in plan.nodes):
        message = "no secret is given to any job: the pull request is from a fork"
        yield Finding(Severity.NOTE, "secrets-withheld", message, plan.pipeline.at)


def _contexts_not_given(plan: Plan, settings: Settings, *, loose: bool) -> Iterator[Finding]:
    hint = 'give it in understudy.toml: [contexts.{}] NAME = {{ env = "VARIABLE" }}'
    for name, at in {context.raw: context.at for node in plan.nodes for context in node.job.contexts}.items():
        if name not in settings.contexts:
            holds, severity = ("may hold", Severity.NOTE) if loose else ("holds", Severity.WARNING)
            message = f"`{name}` {holds} secrets on the service; none are given here"
            message = message if loose else f"the context {message}"
            yield Finding(severity, "context-not-given", message, at, hint.format(name))


def _not_set(plan: Plan, settings: Settings) -> Iterator[Finding]:
    """Secrets that the settings promise, and whose place turned out to be empty."""
    asked = {context.raw for node in plan.nodes for context in node.job.contexts}
    for name, (context, source) in settings.unset.items():
        if context is None or context in asked:
            what = f"the secret `{name.rpartition('.')[2]}`" + (f" of the context `{context}`" if context else "")
            message = f"{what} is to come from {source}, which is not set"
            yield Finding(Severity.WARNING, "secret-not-set", message, hint="set it, or take it out of understudy.toml")


def _not_given(plan: Plan, dialect: Dialect, settings: Settings) -> tuple[Finding, ...]:
    def known(job: Job) -> frozenset[str]:
        place = Place("0", job.id, 1)
        contexts = (settings.contexts.get(context.raw, {}) for context in job.contexts)
        names = _NO_NAMES.union(dialect.predefined(plan.facts, job, place), settings.secrets, settings.room_env)
        promised = (name.rpartition(".")[2] for name in settings.unset)
        return names.union(*contexts, promised)

    return missing_secrets(plan, known)
