"""What executors, commands and jobs look like in a CircleCI file."""

import re
from collections.abc import Iterable

from understudy.dialects.circleci import structure_texts as texts
from understudy.dialects.circleci.resources import labels
from understudy.dialects.circleci.structure_steps import (
    ENVIRONMENT,
    LAX_TEXT,
    PAGE,
    PARAMETERS,
    REUSE_PAGE,
    SHELL,
    STEPS,
    TEXT,
    TEXTS,
)
from understudy.dialects.circleci.structure_workflows import INVOCATION_KEYS
from understudy.findings import Finding, Severity
from understudy.text import yaml
from understudy.text.nearest import suggestion
from understudy.text.shape import Anything, Chosen, Either, Flag, Many, Place, Shape, Table, Text, Whole, Words, names

_KINDS = ("docker", "machine", "macos")

_DOCKER = Many(
    Table(
        keys={
            "image": Text(test=texts.image),
            "name": TEXTS,
            "entrypoint": TEXTS,
            "command": TEXTS,
            "user": LAX_TEXT,
            "environment": ENVIRONMENT,
            "auth": Table(keys={"username": LAX_TEXT, "password": LAX_TEXT}, required=("username", "password")),
            "aws_auth": Table(
                keys={"aws_access_key_id": LAX_TEXT, "aws_secret_access_key": LAX_TEXT, "oidc_role_arn": LAX_TEXT}
            ),
            "gcp_auth": Table(
                keys={
                    "oidc_service_account": LAX_TEXT,
                    "workload_identity_pool": LAX_TEXT,
                    "workload_identity_provider": LAX_TEXT,
                }
            ),
        },
        required=("image",),
        rule=f"{PAGE}#docker",
    ),
    least=1,
)
_MACHINE = Either(
    (
        LAX_TEXT,
        Table(
            keys={
                "image": TEXT,
                "enabled": Flag(),
                "docker_layer_caching": Flag(),
                "resource_class": TEXT,
                "shell": SHELL,
            },
            rule=f"{PAGE}#machine",
        ),
    ),
    "`true` or a map with `image`",
)
_MACOS = Table(
    keys={"xcode": LAX_TEXT, "resource_class": TEXT, "shell": SHELL, "code_signing": TEXTS},
    required=("xcode",),
    rule=f"{PAGE}#macos",
)

_ENVIRONMENT_KEYS: dict[str, Shape] = {
    "docker": _DOCKER,
    "machine": _MACHINE,
    "macos": _MACOS,
    "resource_class": TEXT,
    "shell": SHELL,
    "working_directory": TEXT,
    "environment": ENVIRONMENT,
    "parameters": PARAMETERS,
    "description": LAX_TEXT,
}


def _one_kind(thing: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """One executor type, see https://circleci.com/docs/reference/configuration-reference/#executors, note 1."""
    found = [key for key, _ in thing if key.value in _KINDS]
    for extra in found[1:]:
        message = f"{place.name} has `{extra.value}` beside `{found[0].value}`: it can run in one of them only"
        yield Finding(Severity.ERROR, "conflicting-keys", message, extra.at, f"remove `{extra.value}`", place.rule)


def _has_kind(thing: yaml.Mapping, place: Place) -> Iterable[Finding]:
    if not any(kind in thing for kind in (*_KINDS, "executor")):
        message = f"{place.name} does not say what it runs in"
        hint = "add `docker:`, `machine:`, `macos:` or, in a job, `executor:`"
        yield Finding(Severity.ERROR, "missing-key", message, place.at, hint, place.rule)


def _resource_class(thing: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """Sizes by executor, see https://circleci.com/docs/reference/configuration-reference/#resourceclass."""
    machine = thing.get("machine")
    outer = thing.get("resource_class")
    inner = machine.get("resource_class") if isinstance(machine, yaml.Mapping) else None
    if outer is not None and inner is not None:
        message = f"{place.name} has a `resource_class` of its own and another one below `machine`"
        yield Finding(Severity.ERROR, "conflicting-keys", message, outer.at, "keep one of the two", place.rule)
    size = outer if outer is not None else inner
    if isinstance(size, yaml.Scalar) and not texts.holds_expression(size.value) and "/" not in size.value:
        problem = _misfit(thing, machine, size.value)
        if problem:
            severity = Severity.WARNING if _was_intel(thing.get("macos"), size.value) else Severity.ERROR
            message = f"the resource class `{size.value}` {problem}"
            known = labels("macos") if "macos" in thing else _LINUX_SIZES
            hint = suggestion(size.value, known, "take a class of that executor")
            yield Finding(severity, "bad-value", message, size.at, hint, place.rule)


_LINUX_SIZES = ("small", "medium", "medium+", "large", "xlarge", "2xlarge", "2xlarge+")
_SIZE = re.compile(r"small|medium\+?|large|\d*xlarge\+?")
_LINUX_IMAGES = ("ubuntu-", "android:", "linux-cuda-")
_INTEL_SIZES = ("medium", "large")
_FIRST_WITHOUT_INTEL = (15, 4)


def _misfit(thing: yaml.Mapping, machine: yaml.Node | None, size: str) -> str:
    """Why a size can't belong to the executor: only sure cases, since the service adds sizes without notice."""
    family = size.partition(".")[0]
    if "macos" in thing and (size in _LINUX_SIZES or family in ("arm", "gpu", "windows")):
        return "is none of macOS"
    if "docker" in thing and family in ("windows", "macos"):
        return "is none of Docker"
    image = machine.get("image") if isinstance(machine, yaml.Mapping) else None
    linux = isinstance(image, yaml.Scalar) and image.value.startswith(_LINUX_IMAGES)
    if linux and family in ("windows", "macos"):
        return "is none of Linux, and the image is one of Linux"
    bare = "." not in size and ("docker" in thing or machine is not None)
    return "is no size that CircleCI has" if bare and not _SIZE.fullmatch(size) else ""


def _was_intel(macos: yaml.Node | None, size: str) -> bool:
    """Whether the class once was one of the Intel machines for macOS, which ended before Xcode 15.4."""
    xcode = macos.get("xcode") if isinstance(macos, yaml.Mapping) else None
    if size not in _INTEL_SIZES or not isinstance(xcode, yaml.Scalar):
        return False
    numbers = re.findall(r"\d+", xcode.value)
    return bool(numbers) and tuple(int(number) for number in numbers[:2]) < _FIRST_WITHOUT_INTEL


EXECUTORS = names(
    "executor",
    Either(
        (
            TEXT,
            Table(
                keys=_ENVIRONMENT_KEYS,
                rules=(_one_kind, _has_kind, _resource_class),
                rule=f"{PAGE}#executors",
            ),
        ),
        "a map",
    ),
    test=texts.name,
)

COMMANDS = names(
    "command",
    Either(
        (
            TEXT,
            Table(
                keys={"steps": STEPS, "parameters": PARAMETERS, "description": LAX_TEXT},
                required=("steps",),
                rule=f"{REUSE_PAGE}#authoring-reusable-commands",
            ),
        ),
        "a map",
    ),
    test=texts.name,
)


def _no_steps(job: yaml.Mapping, place: Place) -> Iterable[Finding]:
    steps = job.get("steps")
    if steps is None or (isinstance(steps, yaml.Sequence) and not steps.items):
        message = f"{place.name} has no steps, so that it does nothing"
        yield Finding(Severity.WARNING, "no-steps", message, place.at, "add `steps:`", place.rule)


def _reserved(job: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """Names that mean something else where the job is started: see #parameters-job of the reference."""
    declared = job.get("parameters")
    for key, _ in declared if isinstance(declared, yaml.Mapping) else ():
        if key.value in INVOCATION_KEYS:
            message = f"no workflow can give {place.name} the parameter `{key.value}`: the name is reserved"
            rule = f"{PAGE}#parameters-job"
            yield Finding(Severity.WARNING, "reserved-name", message, key.at, "give it another name", rule)


_TYPES = ("build", "approval", "no-op", "release", "lock", "unlock")
_BUILD_KEYS: dict[str, Shape] = {
    **_ENVIRONMENT_KEYS,
    "type": Words(_TYPES),
    "executor": Either((TEXT, Table(keys={"name": TEXT}, required=("name",), others=Anything())), "a name or a map"),
    "steps": STEPS,
    "parallelism": Whole(1),
    "retention": Table(keys={"caches": Text(test=texts.retention)}, rule=f"{PAGE}#retention"),
    "circleci_ip_ranges": Flag(),
    "branches": Anything(),
}
_JOB_RULE = f"{PAGE}#jobs"
_BUILD_RULES = (_one_kind, _has_kind, _resource_class, _reserved)
_JOB = Table(keys=_BUILD_KEYS, rules=(*_BUILD_RULES, _no_steps), rule=_JOB_RULE)
_DECLARED_BUILD = Table(keys=_BUILD_KEYS, required=("steps",), rules=_BUILD_RULES, rule=_JOB_RULE)
_BY_TYPE: dict[str, Shape] = {
    "build": _DECLARED_BUILD,
    "approval": Table(others=Anything(), rule=f"{PAGE}#type"),
    "no-op": Table(others=Anything(), rule=f"{PAGE}#type"),
    "release": Table(keys={"plan_name": LAX_TEXT}, required=("plan_name",), others=Anything(), rule=f"{PAGE}#type"),
    "lock": Table(keys={"key": LAX_TEXT}, required=("key",), others=Anything(), rule=f"{PAGE}#type"),
    "unlock": Table(keys={"key": LAX_TEXT}, required=("key",), others=Anything(), rule=f"{PAGE}#type"),
}


def _job(job: yaml.Mapping) -> Shape:
    kind = job.get("type")
    return _BY_TYPE.get(kind.value, _JOB) if isinstance(kind, yaml.Scalar) else _JOB


JOBS = names("job", Either((TEXT, Chosen(_job)), "a map"), test=texts.job_name)
