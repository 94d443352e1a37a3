"""What a job's room must be, and what is left of it afterwards."""

import os
import re
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from understudy.dialects.base import Scope
from understudy.engine.environment import every_secret, secrets_of
from understudy.engine.given import Given
from understudy.engine.mask import Secrets
from understudy.model.engines import wants_engine
from understudy.model.layout import every_step
from understudy.model.pipeline import Checkout, Condition, Container, Job, RunContainer, Text, Use
from understudy.plan.plan import Node
from understudy.runtimes.base import RoomSpec, Tree

SOURCE = "~/.understudy/source"
"""Where a room keeps the project's files for a checkout that isn't the first thing that its job does."""

_WORKDIR = "~/project"
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")

Value = Callable[[Text | None], str | None]
"""Evaluates a text, before the job begins."""


def room_spec(before: Scope, node: Node, given: Given, scratch: Path) -> RoomSpec:
    """The room for `node`; `before`: what its job sees before it has one.

    Raises EvaluationError where the image, user or working directory can't be told.
    """
    job = node.job
    assert before.place is not None
    scope = replace(before, env=given.dialect.predefined(before.facts, job, before.place))

    def value(text: Text | None) -> str | None:
        return None if text is None else given.dialect.evaluate(text, scope)

    by_variable = given.dialect.TRAITS.secrets_are_variables
    secrets = secrets_of(job, given, lambda text, _env: value(text) or "") if by_variable else {}

    def secret(name: str) -> str:
        return secrets.get(name, "") if by_variable else f"${name}"

    def image(text: Text) -> str:
        """Its `$NAME` are variables that steps have, too, where a service has it so; unset ones stay as they are.

        https://circleci.com/docs/guides/execution-managed/private-images/
        """
        known = {**scope.env, **secrets}
        raw = value(text) or ""
        return _VARIABLE.sub(lambda one: known.get(one[1], one[0]), raw) if by_variable else raw

    workdir = value(job.workdir) or _WORKDIR
    return RoomSpec(
        name=f"{given.run}-{scratch.name}",
        scratch=scratch,
        image=image(job.container.image) if job.container else None,
        platform=job.platform,
        machine=job.machine,
        user=value(job.container.user) if job.container else None,
        machine_user=given.dialect.TRAITS.machine_user,
        workdir=workdir,
        trees=_trees(job, given.source, workdir),
        env=given.env,
        services=_services(job, value, image, secret),
        resources=job.resources,
        network=given.network,
        hide=given.hide,
        credentials=_credentials(job.container, value, secret) if job.container else {},
        entrypoint=tuple(value(word) or "" for word in job.container.entrypoint) if job.container else (),
        command=tuple(value(word) or "" for word in job.container.command) if job.container else (),
        options=value(job.container.options) or "" if job.container else "",
        volumes=tuple(value(one) or "" for one in job.container.volumes) if job.container else (),
        labels=tuple(value(label) or "" for label in job.runs_on),
        wants_engine=wants_engine(job),
        shared=_shared(job, workdir, given.dialect.TRAITS.shared),
        keep=_keeper(given, node.id),
    )


def _services(
    job: Job, value: Value, image: Callable[[Text], str], secret: Callable[[str], str]
) -> tuple[Container, ...]:
    """The services of `job`; one whose image comes to nothing is not started.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idservicesservice_idimage
    """
    named = (replace(service, image=Text(image(service.image), service.image.at)) for service in job.services)
    found = (_evaluated(service, value, secret) for service in named)
    return tuple(service for service in found if service.image.raw)


def _evaluated(service: Container, value: Value, secret: Callable[[str], str]) -> Container:
    """`service` with its texts but the image evaluated, since no runtime knows their language."""

    def plain(text: Text) -> Text:
        return Text(value(text) or "", text.at)

    return replace(
        service,
        entrypoint=tuple(map(plain, service.entrypoint)),
        command=tuple(map(plain, service.command)),
        env={name: plain(text) for name, text in service.env.items()},
        user=plain(service.user) if service.user else None,
        health=plain(service.health) if service.health else None,
        options=plain(service.options) if service.options else None,
        volumes=tuple(map(plain, service.volumes)),
        credentials={name: Text(text) for name, text in _credentials(service, value, secret).items()},
    )


def _credentials(container: Container, value: Value, secret: Callable[[str], str]) -> dict[str, str]:
    """What the file says to fetch an image with; `$NAME` is a secret of the job, and nothing for one that isn't given.

    https://circleci.com/docs/guides/execution-managed/private-images/
    """
    found = {
        name: _VARIABLE.sub(lambda one: secret(one[1]), value(text) or "")
        for name, text in container.credentials.items()
    }
    return {name: text for name, text in found.items() if text}


def _keeper(given: Given, node: str) -> Callable[[str, bytes], None]:
    """Keeps a service's log beside those of the job's steps."""

    def keep(service: str, content: bytes) -> None:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", service)[:60]
        path = given.log_path(node, 0).parent / f"service-{name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_hidden(content, given))

    return keep


def _hidden(content: bytes, given: Given) -> bytes:
    secrets = Secrets(every_secret(given), given.dialect.TRAITS.mask)
    return secrets.hide_text(content.decode(errors="replace")).encode()


def _trees(job: Job, source: Path | None, workdir: str) -> tuple[Tree, ...]:
    """The project's files: in the working directory where a checkout comes first; else where it can copy them."""
    checkouts = sum(isinstance(one.step.action, Checkout) for one in every_step(job))
    if source is None or not checkouts:
        return ()
    early = is_plain_checkout(job)
    trees = (Tree(source, workdir),) if early else ()
    return trees if early and checkouts == 1 else (*trees, Tree(source, SOURCE))


def is_plain_checkout(job: Job) -> bool:
    """Whether the project's files can be in the working directory before the first step."""
    first = job.steps[0] if job.steps else None
    if first is None or not isinstance(first.action, Checkout) or first.action.path is not None:
        return False
    return first.when == Condition() and first.workdir is None


def _shared(job: Job, workdir: str, late: tuple[str, ...]) -> tuple[str, ...]:
    """The folders that containers of steps see, too; `late`: those of steps that nobody knows yet."""
    folders: list[str] = []
    for one in every_step(job):
        if isinstance(one.step.action, RunContainer):
            folders += one.step.action.folders.values()
        elif isinstance(one.step.action, Use) and one.step.late is not None:
            folders += late
    return tuple(dict.fromkeys(workdir if path == "." else path for path in folders))


def remove_tree(folder: Path) -> None:
    """Removes `folder` and all in it, also what its owner may not enter; what can't be removed stays for the sweep."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    for parent, names, _ in os.walk(folder):
        for name in names:
            inner = Path(parent, name)
            if not inner.is_symlink():
                with suppress(OSError):
                    inner.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
