"""What single steps get wrong: names that nothing is called, places out of reach, more than there is."""

from collections.abc import Callable, Iterator, Mapping

from understudy.dialects.bitbucket import memory, pages
from understudy.dialects.bitbucket.caches import DOCKER as DOCKER_CACHE
from understudy.dialects.bitbucket.caches import PREDEFINED, is_known
from understudy.dialects.bitbucket.definitions import Service
from understudy.dialects.bitbucket.limits import (
    LONGEST_SMALL,
    MOST_INPUTS,
    MOST_LABELS,
    MOST_SERVICES,
    SMALL,
    beyond,
)
from understudy.dialects.bitbucket.nodes import entries, flag, items, member, text_of, texts, whole
from understudy.dialects.bitbucket.steps import Around, Steps
from understudy.dialects.bitbucket.structure_texts import is_late
from understudy.findings import Finding, Position, Severity
from understudy.model.pipeline import Text
from understudy.text import yaml
from understudy.text.nearest import suggestion


class StepChecks:
    """Checks steps of one file, in the words of its definitions. `custom`: the file's custom pipelines."""

    def __init__(self, around: Around, steps: Steps, custom: Mapping[str, yaml.Node]) -> None:
        self._around = around
        self._steps = steps
        self._custom = custom

    def check(self, step: yaml.Mapping) -> Iterator[Finding]:
        """The findings of one step. See https://support.atlassian.com/bitbucket-cloud/docs/step-options/."""
        for rule in self._rules():
            yield from rule(step)

    def _rules(self) -> tuple[Callable[[yaml.Mapping], Iterator[Finding]], ...]:
        return (
            self._caches,
            self._services,
            self._memory,
            self._max_time,
            _artifacts,
            _runner,
            _oidc,
            self._child,
        )

    def _caches(self, step: yaml.Mapping) -> Iterator[Finding]:
        known = self._around.definitions.caches
        for name in texts(member(step, "caches")):
            if name.raw not in known and not is_known(name.raw) and not is_late(name.raw):
                message = f"there is no cache `{name.raw}`: `definitions` has none, and the service neither"
                hint = suggestion(name.raw, (*known, *PREDEFINED, DOCKER_CACHE), "define it in `definitions: caches:`")
                yield Finding(Severity.ERROR, "unknown-cache", message, name.at, hint, pages.CACHES)

    def _services(self, step: yaml.Mapping) -> Iterator[Finding]:
        known = self._around.definitions.services
        names = texts(member(step, "services"))
        for name in names:
            if name.raw not in known and not is_late(name.raw):
                message = f"there is no service `{name.raw}` in `definitions`"
                hint = suggestion(name.raw, known, "define it in `definitions: services:`")
                yield Finding(Severity.ERROR, "unknown-service", message, name.at, hint, pages.SERVICES)
        if len(names) > MOST_SERVICES:
            message = f"the step has {len(names)} services; at most {MOST_SERVICES} are allowed"
            yield beyond(message, names[MOST_SERVICES].at, "move some of them to another step", pages.SERVICES)

    def _memory(self, step: yaml.Mapping) -> Iterator[Finding]:
        """The services leave the step 1024 MB at least. See https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/#Service-memory-limits."""
        size, services = self._steps.size(step), self._steps.services(step)
        taken = sum(one.memory_mib for one in services)
        whole_mib = memory.whole_mib(size.raw)
        if whole_mib is None or whole_mib - taken >= memory.LEAST_MIB:
            return
        message = (
            f"the services {_listed(services)} take {taken} MB of the {whole_mib} MB of a step of size "
            f"`{size.raw}`; {memory.LEAST_MIB} MB must be left to the step itself"
        )
        hint = "give services less `memory`, or the step a larger `size`"
        yield beyond(message, _place(step, "services"), hint, pages.MEMORY)

    def _max_time(self, step: yaml.Mapping) -> Iterator[Finding]:
        """See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Max-time."""
        own = member(step, "max-time")
        node = own or member(self._around.options, "max-time")
        minutes, size = whole(node), self._steps.size(step)
        if node is None or minutes is None or minutes <= LONGEST_SMALL:
            return
        if size.raw in SMALL and member(step, "runs-on") is None:
            message = f"`max-time` is {minutes} minutes; a step of size `{size.raw}` has at most {LONGEST_SMALL}"
            yield beyond(message, node.at, "take less, or a `size` of 4x or more", pages.GLOBAL)

    def _child(self, step: yaml.Mapping) -> Iterator[Finding]:
        """See https://support.atlassian.com/bitbucket-cloud/docs/child-pipeline-step-options/."""
        inputs = tuple(entries(member(step, "input-variables")))
        if len(inputs) > MOST_INPUTS:
            message = f"the step hands {len(inputs)} variables to its child; at most {MOST_INPUTS} are allowed"
            yield beyond(message, inputs[MOST_INPUTS][0].at, "hand on less", pages.CHILD)
        kind, name = text_of(member(step, "type")), text_of(member(step, "custom"))
        if kind is None or kind.raw != "pipeline" or name is None or is_late(name.raw):
            return
        if name.raw not in self._custom:
            message = f"there is no custom pipeline `{name.raw}`"
            hint = suggestion(name.raw, self._custom, "add it to `pipelines: custom:`")
            yield Finding(Severity.ERROR, "unknown-pipeline", message, name.at, hint, pages.CHILD)


def _artifacts(step: yaml.Mapping) -> Iterator[Finding]:
    """Paths are seen from the clone, and lead nowhere else.

    See https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/.
    """
    for path in _artifact_paths(member(step, "artifacts")):
        if is_late(path.raw):
            continue
        if path.raw.startswith(("/", "~")):
            message = f"the artifact path `{path.raw}` is absolute; only files of the clone can be artifacts"
            hint = "take a path seen from the clone, and copy there what lies elsewhere"
            yield Finding(Severity.ERROR, "absolute-path", message, path.at, hint, pages.ARTIFACTS, tolerated=True)
        elif {".", ".."} & set(path.raw.split("/")):
            message = f"the artifact path `{path.raw}` has a `.` or `..` as a part, with which a glob matches nothing"
            hint = "begin with a name: `dist/**`, not `./dist/**`"
            severity = Severity.ERROR if ".." in path.raw.split("/") else Severity.WARNING
            yield Finding(severity, "path-outside", message, path.at, hint, pages.ARTIFACTS, tolerated=True)


def _artifact_paths(node: yaml.Node | None) -> Iterator[Text]:
    if isinstance(node, yaml.Sequence):
        yield from texts(node)
    listed = node if isinstance(node, yaml.Sequence) else member(node, "upload")
    yield from texts(member(node, "paths"))
    for item in items(listed):
        yield from texts(member(item, "paths"))
        yield from texts(member(item, "ignore-paths"))


def _runner(step: yaml.Mapping) -> Iterator[Finding]:
    """See https://support.atlassian.com/bitbucket-cloud/docs/configure-your-runner-in-bitbucket-pipelines-yml/."""
    labels = texts(member(step, "runs-on"))
    if len(labels) > MOST_LABELS:
        message = f"the step has {len(labels)} labels of a runner; at most {MOST_LABELS} are allowed"
        yield beyond(message, labels[MOST_LABELS].at, "name fewer", pages.RUNNERS)


def _oidc(step: yaml.Mapping) -> Iterator[Finding]:
    """See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#OIDC."""
    if flag(member(step, "oidc"), otherwise=False):
        message = "no OIDC token is given to the step here: only the service can sign one"
        hint = "give `BITBUCKET_STEP_OIDC_TOKEN` as a secret where the script needs one"
        yield Finding(Severity.WARNING, "oidc", message, _place(step, "oidc"), hint, f"{pages.STEP}#OIDC")


def _listed(services: tuple[Service, ...]) -> str:
    return ", ".join(f"`{one.name}` ({one.memory_mib} MB)" for one in services)


def _place(step: yaml.Mapping, key: str) -> Position:
    found = step.key(key)
    return found.at if found else step.at
