"""Docker actions: an image, or a Dockerfile of the action's own, whose container runs beside the job."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.dialects.github.actions.laid import origin
from understudy.dialects.github.actions.metadata import PAGE, Docker
from understudy.dialects.github.actions.reference import Image, Local, Remote
from understudy.dialects.github.actions.resolved import Resolved, bare, named, when
from understudy.dialects.github.variables import COMMANDS, EVENT, HOME, TEMP
from understudy.findings import Finding, Severity
from understudy.model.pipeline import RunContainer, Step, Text, Use

SCHEME = "docker://"
WORKSPACE = "/github/workspace"
FOLDERS: Mapping[str, str] = {
    WORKSPACE: ".",
    "/github/home": f"~/{HOME}",
    "/github/workflow": f"~/{posixpath.dirname(EVENT)}",
    "/github/file_commands": f"~/{COMMANDS}",
    "/github/runner_temp": f"~/{TEMP}",
}
"""What every such container sees of the job's files.

https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/use-containers and
https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support#workdir
"""
_DOCKERFILE = re.compile(r"dockerfile(\..*)?|.*\.dockerfile", re.IGNORECASE)
_PLAIN_DOCKERFILE = Text("Dockerfile")


@dataclass(frozen=True, slots=True)
class Call:
    """A use of a Docker action: its step, where its files lie (nowhere for a bare image), its inputs with defaults."""

    step: Step
    use: Use
    runs: Docker
    place: Local | Remote | None
    inputs: Mapping[str, Text]

    def resolved(self) -> Resolved:
        """The step with what it runs; its `post-entrypoint` after the job, its `pre-entrypoint` before.

        A local action has no `pre-entrypoint`: at that time its files are not there yet. See
        https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-docker-container-actions.
        """
        runs = self.runs
        if self.place is not None and not self._is_known():
            message = f"`{runs.image.raw}` is neither a Dockerfile nor `docker://IMAGE`"
            return Resolved(self.step, (), (Finding(Severity.ERROR, "action-image", message, runs.image.at, "", PAGE),))
        main = self._step(runs.entrypoint or self._input("entrypoint"), self.step.name)
        if runs.post is not None:
            post = replace(bare(self._step(runs.post, named(self.step, "Post"))), when=when(runs.post_if))
            main = replace(main, after_job=(post,))
        findings = (*_told(runs.entrypoint or self._input("entrypoint"), self._words()),)
        if runs.pre is None or isinstance(self.place, Local):
            return Resolved(main, (), findings)
        pre = replace(bare(self._step(runs.pre, named(self.step, "Pre"))), when=when(runs.pre_if))
        return Resolved(main, (pre,), findings)

    def _is_known(self) -> bool:
        image = self.runs.image.raw
        return image.lower().startswith(SCHEME) or _DOCKERFILE.fullmatch(posixpath.basename(image)) is not None

    def _input(self, name: str) -> Text | None:
        return next((text for one, text in self.use.inputs.items() if one.lower() == name), None)

    def _words(self) -> Text | None:
        """`args` of the step count where the action itself gives none."""
        return None if self.runs.arguments is not None else self._input("args")

    def _step(self, entrypoint: Text | None, name: Text) -> Step:
        runs = self.runs
        image = runs.image.raw
        is_image = self.place is None or image.lower().startswith(SCHEME)
        place = self.place.folder if self.place is not None else ""
        action = RunContainer(
            image=Text(image[len(SCHEME) :] if image.lower().startswith(SCHEME) else image, runs.image.at)
            if is_image
            else None,
            dockerfile=None if is_image else Text(posixpath.join(place, image), runs.image.at),
            entrypoint=entrypoint,
            arguments=runs.arguments or (),
            words=self._words(),
            inputs=self.inputs,
            env=runs.env,
            folders=FOLDERS,
            workdir=WORKSPACE,
        )
        env = {**self.step.env, **(origin(self.place, self.step.at) if self.place else {})}
        return replace(self.step, name=name, action=action, env=env)


def of_image(step: Step, use: Use, reference: Image) -> Resolved:
    """`uses: docker://image`. https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses"""
    image = Text(f"{SCHEME}{reference.image}", use.ref.at)
    return Call(step, use, Docker(image), None, use.inputs).resolved()


def of_dockerfile(step: Step, use: Use, place: Local | Remote) -> Resolved:
    """A folder with a Dockerfile and no description."""
    return Call(step, use, Docker(replace(_PLAIN_DOCKERFILE, at=use.ref.at)), place, use.inputs).resolved()


def _told(entrypoint: Text | None, words: Text | None) -> tuple[Finding, ...]:
    """Where words are split here as a shell does, and not as the service does."""
    found = []
    if entrypoint is not None and len(entrypoint.raw.split()) > 1 and "${{" not in entrypoint.raw:
        message = f"on the service `{entrypoint.raw}` is the name of one program; here it is split into words"
        hint = "name the program alone, and give `args`"
        found.append(Finding(Severity.WARNING, "entrypoint-words", message, entrypoint.at, hint, PAGE))
    if words is not None and "'" in words.raw and "${{" not in words.raw:
        message = "in `args` single quotes mean nothing on the service; here they quote, as in a shell"
        found.append(Finding(Severity.WARNING, "args-quoted", message, words.at, "use double quotes", PAGE))
    return tuple(found)
