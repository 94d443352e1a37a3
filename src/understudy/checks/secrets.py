"""Secrets that the planned jobs ask for and that nobody has given: told before anything runs."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from understudy.findings import Finding, Position, Severity
from understudy.model.layout import every_step
from understudy.model.pipeline import Job, Pipeline, Script, Text
from understudy.plan.plan import Plan

_NAME = r"[A-Za-z_][A-Za-z0-9_]*+"
# `${NAME-other}`, `${NAME:=other}` and the like say themselves what to do without a value.
_REFERENCE = re.compile(rf"(?<![\\$])\$(?:({_NAME})|\{{({_NAME})(?!\[|:?[-=+]|:[0-9])[^}}]*\}})")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_SET = re.compile(
    rf"(?<![\w$-])({_NAME})\+?=|\bfor\s+({_NAME})\s+in\b|\bread\s+((?:-\w+\s+)*(?:{_NAME}[ \t]*)+)"
    rf"|\bprintf\s+-v\s+({_NAME})|\$\{{({_NAME}):?=|\bset\s+({_NAME})\b"
)

_SECRET_WORDS = frozenset(
    {"TOKEN", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "PAT", "CREDENTIAL",
     "CREDENTIALS", "CREDS", "APIKEY"}
)  # fmt: skip
_KEY_ENDINGS = frozenset({"ID", "BASE64", "B64", "JSON", "PEM"})
_OPEN_KEYS = frozenset({"CACHE", "PUBLIC", "PUB", "SORT", "PRIMARY", "FOREIGN", "HOST", "KNOWN", "PREFIX", "PROJECT"})
_ABOUT_IT = frozenset({"PATH", "FILE", "DIR", "URL", "URI", "NAME", "LENGTH", "COUNT", "TYPE", "NUM", "MAX"})


def looks_secret(name: str) -> bool:
    """Whether a variable of this name most likely holds a secret: `NPM_TOKEN` does, `CACHE_KEY` doesn't."""
    parts = [part for part in name.upper().split("_") if part]
    if not parts or parts[-1] in _ABOUT_IT or name in {"PWD", "OLDPWD", "PASS", "PAT"}:
        return False
    if _SECRET_WORDS & set(parts[1:] if parts[0] in {"PASS", "PWD", "PAT"} else parts):
        return True
    if "KEY" not in parts[1:] and not any(part.endswith("APIKEY") for part in parts):
        return False
    at = parts.index("KEY", 1) if "KEY" in parts[1:] else 0
    return not _OPEN_KEYS & set(parts[:at]) and set(parts[at + 1 :]) <= _KEY_ENDINGS


def missing_secrets(
    plan: Plan, known: Callable[[Job], Set[str]], hint: str = "give it with --secret-file, or in understudy.toml"
) -> tuple[Finding, ...]:
    """One warning for each variable that looks like a secret, is read by a planned job and is set nowhere.

    `known`: the names that a job's environment has, but for those that the file itself sets.
    """
    found: dict[str, Position] = {}
    names_in: dict[str, tuple[str, ...]] = {}  # the cells of a matrix have the same scripts
    for job in {node.job.id: node.job for node in plan.nodes}.values():
        asked: dict[str, Position] = {}
        for body in _scripts(job):
            if body.raw not in names_in:
                names_in[body.raw] = tuple(_asked(body.raw))
            for name in names_in[body.raw]:
                asked.setdefault(name, body.at)
        if asked.keys() - found.keys():
            have = known(job) | _written(job, plan.pipeline)
            for name, at in asked.items():
                if name not in have:
                    found.setdefault(name, at)
    return tuple(
        Finding(
            Severity.WARNING,
            "secret-not-given",
            f"the variable `{name}` looks like a secret, and nothing sets it",
            at,
            hint,
        )
        for name, at in found.items()
    )


def _scripts(job: Job) -> Iterator[Text]:
    for one in every_step(job):
        if isinstance(one.step.action, Script):
            yield one.step.action.body


def _asked(script: str) -> Iterator[str]:
    for found in _REFERENCE.finditer(_COMMENT.sub("", script)) if "$" in script else ():
        name = found[1] or found[2]
        if looks_secret(name):
            yield name


def _written(job: Job, pipeline: Pipeline) -> set[str]:
    """The names that the file gives a value: in its environments, and in any script of the job."""
    environments: Iterable[Mapping[str, Text]] = (
        job.container.env if job.container else {},
        pipeline.env,
        job.env,
        *(one.step.env for one in every_step(job)),
    )
    names = {name for environment in environments for name in environment}
    for body in _scripts(job):
        for found in _SET.finditer(body.raw):
            names |= {name for group in found.groups() if group for name in group.split()}
    return names
