"""What pipelines get wrong as wholes: their length, their first step, their stages, deployments and variables."""

from collections.abc import Iterator

from understudy.dialects.bitbucket import pages
from understudy.dialects.bitbucket.limits import MOST_STEPS, beyond
from understudy.dialects.bitbucket.nodes import entries, items, member, text_of, texts
from understudy.dialects.bitbucket.sections import Section
from understudy.dialects.bitbucket.structure_steps import is_manual
from understudy.dialects.bitbucket.structure_texts import is_late
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Text
from understudy.text import yaml
from understudy.text.nearest import nearest
from understudy.text.shape import is_null

ENVIRONMENTS = ("test", "staging", "production")
"""Those that every repository has. See https://support.atlassian.com/bitbucket-cloud/docs/set-up-and-monitor-deployments/."""

_LOOKED_AT = 10 * MOST_STEPS
"""Steps of a pipeline; of one that has more no more is said."""


def check(section: Section, node: yaml.Node | None) -> Iterator[Finding]:
    """The findings of one pipeline, whose list of steps is `node` (None: it is not here)."""
    if node is None:
        return
    if is_null(node):
        message = f"the pipeline `{section.name}` is empty"
        yield Finding(Severity.ERROR, "empty-pipeline", message, section.at, "add a `step:`", pages.START)
        return
    steps = tuple(_steps(node))
    if len(steps) > MOST_STEPS:
        message = f"the pipeline `{section.name}` has {len(steps)} steps; at most {MOST_STEPS} are allowed"
        yield beyond(message, steps[MOST_STEPS].at, "split it into several pipelines")
    if len(steps) > _LOOKED_AT:
        return
    yield from _first(node)
    yield from _deployments(node)
    yield from _variables(node)
    yield from _beside_parallel(node)
    yield from _downloads(steps)
    yield from _final(node)
    for item in items(node):
        yield from _stage(member(item, "stage"))


def _parts(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    for item in items(node):
        for key, value in entries(item):
            yield key.value, value


def _parallel(node: yaml.Node) -> yaml.Node | None:
    return node if isinstance(node, yaml.Sequence) else member(node, "steps")


def _steps(node: yaml.Node | None) -> Iterator[yaml.Mapping]:
    for kind, value in _parts(node):
        if kind in {"step", "final"} and isinstance(value, yaml.Mapping):
            yield value
        elif kind == "parallel":
            yield from _steps(_parallel(value))
        elif kind == "stage":
            yield from _steps(member(value, "steps"))


def _first(node: yaml.Node) -> Iterator[Finding]:
    """What begins a pipeline begins by itself. See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Trigger."""
    first = next((part for part in _parts(node) if part[0] != "variables"), None)
    if first is None:
        return
    kind, value = first
    begins = [value] if kind in {"step", "stage"} else list(_steps(_parallel(value))) if kind == "parallel" else []
    if begins and all(is_manual(one) for one in begins):
        trigger = member(begins[0], "trigger")
        if trigger is not None:
            what = "stage" if kind == "stage" else "step"
            message = (
                f"the first {what} of a pipeline can't be manual: nothing has started that could wait for somebody"
            )
            hint = "remove `trigger: manual`, or put a step before it that starts by itself"
            yield Finding(Severity.ERROR, "manual-first-step", message, trigger.at, hint, f"{pages.STEP}#Trigger")


def _final(node: yaml.Node) -> Iterator[Finding]:
    """What is performed last stands last, and once. See pages.FINAL."""
    listed = items(node)
    for item in listed[:-1]:
        key = item.key("final") if isinstance(item, yaml.Mapping) else None
        if key is not None:
            message = "the final step stands before others, and is performed after all of them"
            hint = "move it to the end of the pipeline, which has one at most"
            yield Finding(Severity.ERROR, "final-not-last", message, key.at, hint, pages.FINAL)


def _deployments(node: yaml.Node) -> Iterator[Finding]:
    """An environment occurs once in a pipeline. See https://support.atlassian.com/bitbucket-cloud/docs/set-up-and-monitor-deployments/."""
    seen: dict[str, Text] = {}
    for name in _environments(node):
        if is_late(name.raw):
            continue
        earlier = seen.setdefault(name.raw, name)
        if earlier is not name:
            message = (
                f"the deployment environment `{name.raw}` occurs a second time in this pipeline; the first is in "
                f"line {earlier.at.line}"
            )
            hint = "put the steps that share it into one `stage:` with `deployment:`"
            yield Finding(Severity.ERROR, "deployment-twice", message, name.at, hint, pages.DEPLOYMENTS)
        elif name.raw.lower() not in ENVIRONMENTS:
            yield _own_environment(name)


def _environments(node: yaml.Node) -> Iterator[Text]:
    for kind, value in _parts(node):
        if kind in {"step", "stage"}:
            name = text_of(member(value, "deployment"))
            if name is not None:
                yield name
        elif kind == "parallel":
            for step in _steps(_parallel(value)):
                name = text_of(member(step, "deployment"))
                if name is not None:
                    yield name


def _own_environment(name: Text) -> Finding:
    meant = nearest(name.raw, ENVIRONMENTS)
    if meant is not None:
        message = f"`{name.raw}` is none of the environments that every repository has"
        return Finding(
            Severity.WARNING, "unknown-deployment", message, name.at, f"did you mean `{meant}`?", pages.DEPLOYMENTS
        )
    message = f"the environment `{name.raw}` must have been set up for the repository: it is not among the usual ones"
    hint = f"usual are {', '.join(f'`{one}`' for one in ENVIRONMENTS)}"
    return Finding(Severity.NOTE, "own-deployment", message, name.at, hint, pages.DEPLOYMENTS)


def _stage(stage: yaml.Node | None) -> Iterator[Finding]:
    """What a stage says for all of its steps they don't say again. See https://support.atlassian.com/bitbucket-cloud/docs/stage-options/."""
    for step in _steps(member(stage, "steps")):
        trigger, condition = member(step, "trigger"), step.key("condition")
        if is_manual(step) and trigger is not None:
            message = "a step inside a stage can't be manual"
            hint = "say `trigger: manual` of the stage"
            yield Finding(Severity.ERROR, "manual-in-stage", message, trigger.at, hint, pages.STAGE)
        if condition is not None:
            message = "a step inside a stage can't have a condition"
            yield Finding(
                Severity.ERROR, "condition-in-stage", message, condition.at, "say it of the stage", pages.STAGE
            )
        deployment = step.key("deployment")
        if deployment is not None:
            message = "a step inside a stage can't have a deployment of its own"
            hint = "say it of the stage, which locks the environment for all of its steps"
            yield Finding(Severity.ERROR, "deployment-in-stage", message, deployment.at, hint, pages.STAGE)


def _variables(node: yaml.Node) -> Iterator[Finding]:
    """Of custom pipelines. See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#Custom."""
    rule = f"{pages.START}#Custom"
    for number, item in enumerate(items(node)):
        key = item.key("variables") if isinstance(item, yaml.Mapping) else None
        if key is not None and number:
            message = "`variables` must be the first item of a pipeline"
            yield Finding(Severity.ERROR, "variables-not-first", message, key.at, "move it to the top", rule)
        seen: dict[str, Text] = {}
        for variable in items(member(item, "variables")):
            name = text_of(member(variable, "name"))
            if name is not None and seen.setdefault(name.raw, name) is not name:
                message = f"the variable `{name.raw}` is declared a second time"
                yield Finding(Severity.ERROR, "variable-twice", message, name.at, "remove one of them", rule)
            yield from _allowed(variable, name, rule)


def _allowed(variable: yaml.Node, name: Text | None, rule: str) -> Iterator[Finding]:
    allowed = member(variable, "allowed-values")
    values = [one.raw for one in texts(allowed)]
    default = text_of(member(variable, "default"))
    called = f"the variable `{name.raw}`" if name else "the variable"
    if not values or allowed is None:
        return
    if default is None:
        message = f"{called} has `allowed-values` and no `default`, which must be one of them"
        yield Finding(Severity.ERROR, "missing-key", message, allowed.at, f"add `default: {values[0]}`", rule)
    elif default.raw not in values and not is_late(default.raw):
        message = f"the default of {called}, `{default.raw}`, is none of its `allowed-values`"
        yield Finding(Severity.ERROR, "bad-value", message, default.at, "add it to them, or take another", rule)


def _beside_parallel(node: yaml.Node) -> Iterator[Finding]:
    """See https://support.atlassian.com/bitbucket-cloud/docs/parallel-step-options/#Fail-fast."""
    for kind, value in _parts(node):
        lone = [value] if kind == "step" else list(_steps(member(value, "steps"))) if kind == "stage" else []
        for step in lone:
            key = step.key("fail-fast") if isinstance(step, yaml.Mapping) else None
            if key is not None:
                message = "`fail-fast` says nothing of a step that is in no parallel group"
                yield Finding(
                    Severity.WARNING, "ignored-key", message, key.at, "remove it", f"{pages.PARALLEL}#Fail-fast"
                )


def _downloads(steps: tuple[yaml.Mapping, ...]) -> Iterator[Finding]:
    """Only what an earlier step shares under a name can be downloaded by it."""
    shared: set[str] = set()
    for step in steps:
        artifacts = member(step, "artifacts")
        download = member(artifacts, "download")
        for name in texts(download) if isinstance(download, yaml.Sequence) else ():
            if name.raw not in shared and not is_late(name.raw):
                message = f"no step before this one shares an artifact called `{name.raw}`"
                hint = "give it a `name` in `upload`, of type `shared`"
                yield Finding(Severity.WARNING, "unknown-artifact", message, name.at, hint, pages.ARTIFACTS)
        listed = artifacts if isinstance(artifacts, yaml.Sequence) else member(artifacts, "upload")
        shared |= {one.raw for item in items(listed) if (one := text_of(member(item, "name"))) is not None}
