"""The steps of a job, in the order in which the service does what a step of its file says.

See https://support.atlassian.com/bitbucket-cloud/docs/step-options/.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from understudy.dialects.bitbucket import artifacts, caches, scripts
from understudy.dialects.bitbucket.parts import DOCKER_SERVICE, Artifacts, Cache, Pipe
from understudy.findings import NOWHERE, Finding, Position
from understudy.model.pipeline import Checkout, Step, Text, Use


@dataclass(frozen=True, slots=True)
class Body:
    """What a step of the file has to do. `clones`: whether it has the project's files, and how deep their history is.

    `docker`: it has a Docker service. `receives`: a step before it may have shared artifacts.
    """

    at: Position = NOWHERE
    script: tuple[Text | Pipe, ...] = ()
    after_script: tuple[Text | Pipe, ...] = ()
    caches: tuple[Cache, ...] = ()
    artifacts: Artifacts = field(default_factory=Artifacts)
    clones: bool = True
    depth: int | None = None
    docker: bool = False
    receives: bool = True


@dataclass(frozen=True, slots=True)
class Assembled:
    """The steps of a job, and what is to be known of them."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()


def assembled(body: Body) -> Assembled:
    """The clone, caches and artifacts; the script and the after-script; caches, artifacts and test reports again.

    A cache is saved only after a script that passed, and only when nothing that this step keeps has failed.
    """
    script, noticed = scripts.made(body.script, scripts.SCRIPT, body.at)
    after, noticed_after = scripts.made(body.after_script, scripts.AFTER_SCRIPT, body.at)
    steps = (*_before(body), *script, *after, *_behind(body))
    noted = (finding for cache in body.caches if (finding := caches.noted(cache)) is not None)
    return Assembled(steps, (*noticed, *noticed_after, *noted))


def _before(body: Body) -> Iterator[Step]:
    if body.clones:
        yield Step("clone", Text("Clone", body.at), body.at, Checkout(depth=body.depth))
    if body.docker:
        yield Step("docker", Text("Docker", body.at), body.at, Use(Text(DOCKER_SERVICE, body.at)))
    for number, cache in enumerate(body.caches, 1):
        restored = caches.restore(cache, number)
        if restored is not None:
            yield restored
    if body.receives:
        fetched = artifacts.fetch(body.artifacts, body.at)
        if fetched is not None:
            yield fetched


def _behind(body: Body) -> Iterator[Step]:
    for number, cache in enumerate(body.caches, 1):
        saved = caches.save(cache, number)
        if saved is not None:
            yield saved
    for number, upload in enumerate(body.artifacts.uploads, 1):
        yield artifacts.publish(upload, number)
    if not any(upload.kind == "test-reports" for upload in body.artifacts.uploads):
        yield artifacts.detected_reports(body.at)
