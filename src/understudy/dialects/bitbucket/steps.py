"""A step of the file becomes a job: its container, its services, and what happens before and after its scripts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.dialects.bitbucket import artifacts as artifact_steps
from understudy.dialects.bitbucket import caches as cache_steps
from understudy.dialects.bitbucket import memory, pages
from understudy.dialects.bitbucket.conditions_of import condition_of
from understudy.dialects.bitbucket.definitions import DOCKER, Definitions, Service
from understudy.dialects.bitbucket.images import container_of
from understudy.dialects.bitbucket.nodes import entries, flag, items, member, text_of, texts, whole
from understudy.dialects.bitbucket.parts import DOCKER_SERVICE, Artifacts, Cache, Pipe, Upload
from understudy.dialects.bitbucket.runners import Runner, runner_of
from understudy.dialects.bitbucket.scripts import AFTER_SCRIPT, SCRIPT, made
from understudy.dialects.bitbucket.variables import CLONE_DIR
from understudy.dialects.notes import Notes
from understudy.findings import NOWHERE, Position
from understudy.model.pipeline import Checkout, Container, Job, Limits, Resources, Step, Text, Use
from understudy.text import yaml
from understudy.text.yaml import Mapping as Table

DEFAULT_MAX_TIME = 120
DEFAULT_DEPTH = 50
"""Minutes, and commits. See https://support.atlassian.com/bitbucket-cloud/docs/global-options/ and
https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a file says for all of its steps."""

    definitions: Definitions = field(default_factory=Definitions)
    image: yaml.Node | None = None
    options: yaml.Node | None = None
    clone: yaml.Node | None = None
    at: Position = NOWHERE


class Steps:
    """Reads the steps of one file; what is to be known of them goes to `notes`."""

    def __init__(self, around: Around, notes: Notes) -> None:
        self._around = around
        self._notes = notes

    def job(self, node: Table, identity: str, at: Position) -> Job:
        """The job of the step `node`, without what its place among others says: needs, siblings, names."""
        size = self.size(node)
        services = self.services(node)
        deployment = text_of(member(node, "deployment")) or text_of(member(node, "environment"))
        group = text_of(member(node, "concurrency-group"))
        runner = runner_of(node, self._notes)
        return Job(
            identity,
            text_of(member(node, "name")) or Text(identity, at),
            at,
            platform=runner.platform,
            container=self._container(node, at, runner),
            runs_on=runner.labels,
            resources=_resources(size, services),
            services=tuple(_container(one) for one in services if not one.docker),
            when=condition_of(member(node, "condition")),
            steps=tuple(self._steps(node, services, at)),
            limits=self._limits(node),
            deployment=deployment,
            group=group.raw if group else None,
            workdir=Text(CLONE_DIR, at),
        )

    def size(self, node: Table) -> Text:
        """Of the step, of all steps, or the smallest. See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Size."""
        return (
            text_of(member(node, "size"))
            or text_of(member(self._around.options, "size"))
            or Text("1x", self._around.at)
        )

    def services(self, node: Table) -> tuple[Service, ...]:
        """The services of the step that there are, the engine included that `options: docker` gives to all."""
        known = self._around.definitions.services
        names = [one.raw for one in texts(member(node, "services"))]
        found = [known[name] for name in dict.fromkeys(names) if name in known]
        everywhere = flag(member(self._around.options, "docker"), otherwise=False)
        if everywhere and not any(one.docker for one in found):
            found.append(known[DOCKER])
        return tuple(found)

    def _container(self, node: Table, at: Position, runner: Runner) -> Container | None:
        return container_of(member(node, "image") or self._around.image, at) if runner.containers else None

    def _limits(self, node: Table) -> Limits:
        """See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Max-time and pages.ON_FAIL."""
        minutes = whole(member(node, "max-time")) or whole(member(self._around.options, "max-time"))
        strategy = text_of(member(node, "on-fail", "strategy"))
        retries = 0
        if strategy is not None and strategy.raw == "retry":
            most = whole(member(node, "on-fail", "max-retry-count")) or whole(member(node, "on-fail", "maxRetryCount"))
            retries = most or 1
        return Limits(
            timeout_s=60.0 * (minutes or DEFAULT_MAX_TIME),
            retries=retries,
            allow_failure=strategy is not None and strategy.raw == "ignore",
        )

    def _steps(self, node: Table, services: tuple[Service, ...], at: Position) -> Iterator[Step]:
        """In the order of the service: what is laid out, the scripts, what is taken up when they have ended."""
        caches = self._caches(node)
        artifacts = read_artifacts(member(node, "artifacts"))
        yield from self._checkout(node, at)
        for one in (service for service in services if service.docker):
            place = one.at if one.at.line else at
            yield Step(DOCKER, Text("Docker", place), place, Use(Text(DOCKER_SERVICE, place)))
            break
        for number, cache in enumerate(caches, 1):
            if (step := cache_steps.restore(cache, number)) is not None:
                yield step
        if (step := artifact_steps.fetch(artifacts, at)) is not None:
            yield step
        for part, key in ((SCRIPT, "script"), (AFTER_SCRIPT, "after-script")):
            yield from self._script(member(node, key), part)
        for number, cache in enumerate(caches, 1):
            if (step := cache_steps.save(cache, number)) is not None:
                yield step
        for number, upload in enumerate(artifacts.uploads, 1):
            yield artifact_steps.publish(upload, number)
        yield artifact_steps.detected_reports(at)

    def _checkout(self, node: Table, at: Position) -> Iterator[Step]:
        """See https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/."""
        if not flag(self._clone(node, "enabled"), otherwise=True):
            return
        depth = self._clone(node, "depth")
        written = text_of(depth)
        full = written is not None and written.raw == "full"
        commits = None if full else whole(depth) or DEFAULT_DEPTH
        if flag(self._clone(node, "sparse-checkout", "enabled"), otherwise=False):
            message = "all files are checked out here, also those that `sparse-checkout` leaves out"
            place = self._clone(node, "sparse-checkout")
            self._notes.warning("sparse-checkout", message, place.at if place else at, rule=pages.CLONE)
        yield Step("checkout", Text("Clone", at), at, Checkout(depth=commits))

    def _clone(self, node: Table, *keys: str) -> yaml.Node | None:
        return member(node, "clone", *keys) or member(self._around.clone, *keys)

    def _caches(self, node: Table) -> tuple[Cache, ...]:
        found = []
        for name in texts(member(node, "caches")):
            own = self._around.definitions.caches.get(name.raw)
            if own is None and not cache_steps.is_known(name.raw):
                continue
            cache = Cache(name, own.path if own else None, own.files if own else ())
            note = cache_steps.noted(cache)
            if note is not None:
                self._notes.findings.append(note)
            found.append(cache)
        return tuple(found)

    def _script(self, node: yaml.Node | None, part: str) -> tuple[Step, ...]:
        lines = tuple(_lines(node))
        if node is None or not lines:
            return ()
        steps, findings = made(lines, part, node.at)
        self._notes.findings += findings
        return steps


def _lines(node: yaml.Node | None) -> Iterator[Text | Pipe]:
    for item in items(node):
        text = text_of(item)
        reference = text_of(member(item, "pipe"))
        if text is not None:
            yield text
        elif reference is not None:
            yield Pipe(reference, text_of(member(item, "name")), dict(_pipe_variables(member(item, "variables"))))


def _pipe_variables(node: yaml.Node | None) -> Iterator[tuple[str, Text | tuple[Text, ...]]]:
    for key, value in entries(node):
        yield key.value, texts(value) if isinstance(value, yaml.Sequence) else text_of(value) or Text("", value.at)


def read_artifacts(node: yaml.Node | None) -> Artifacts:
    """What `artifacts` says, in its short form or its long one.

    See https://support.atlassian.com/bitbucket-cloud/docs/use-artifacts-in-steps/.
    """
    if node is None:
        return Artifacts()
    if isinstance(node, yaml.Sequence):
        return Artifacts(uploads=(*_unnamed(texts(node)), *_uploads(node)))
    download = member(node, "download")
    names = texts(download) if isinstance(download, yaml.Sequence) else ()
    paths = member(node, "paths")
    return Artifacts(
        download=names or flag(download, otherwise=True),
        uploads=(*_unnamed(texts(paths)), *_uploads(member(node, "upload"))),
    )


def _unnamed(paths: tuple[Text, ...]) -> tuple[Upload, ...]:
    """The short form: each pattern is an artifact of its own, and named so."""
    return tuple(Upload((path,), at=path.at) for path in paths)


def _uploads(node: yaml.Node | None) -> Iterator[Upload]:
    for item in items(node):
        if isinstance(item, Table):
            kind, when = text_of(member(item, "type")), text_of(member(item, "capture-on"))
            yield Upload(
                texts(member(item, "paths")),
                text_of(member(item, "name")),
                kind.raw if kind else "shared",
                texts(member(item, "ignore-paths")),
                whole(member(item, "depth")),
                when.raw if when else "always",
                item.at,
            )


def _resources(size: Text, services: tuple[Service, ...]) -> Resources:
    """What is left to the step itself. See https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/."""
    left = memory.left_mib(size.raw, [one.memory_mib for one in services])
    cpus = memory.CPUS.get(memory.SIZES.get(size.raw, 0))
    return Resources(size, cpus, left if left is not None and left > 0 else None)


def _container(service: Service) -> Container:
    made_of = container_of(service.image, service.at)
    return Container(
        made_of.image,
        service.name,
        env=service.variables,
        user=made_of.user,
        options=memory.bound(service.memory_mib, Text(service.name, service.at)),
        credentials=made_of.credentials,
        memory_mib=service.memory_mib,
    )
