"""Where a step runs: in the service's own containers, or on a runner that somebody else has set up."""

from dataclasses import dataclass

from understudy.dialects.bitbucket import pages
from understudy.dialects.bitbucket.nodes import member, text_of, texts
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Platform, Text
from understudy.text import yaml

_PLATFORMS = {"windows": Platform.WINDOWS, "macos": Platform.MACOS}
_ON_THE_MACHINE = frozenset({"linux.shell", "windows", "macos"})
"""Labels of runners that use no container: their steps run on the machine itself."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What performs a step. `containers`: in an image, and not on the machine itself."""

    labels: tuple[Text, ...] = ()
    platform: Platform = Platform.LINUX
    containers: bool = True


def runner_of(node: yaml.Node | None, notes: Notes) -> Runner:
    """The runner of a step. See https://support.atlassian.com/bitbucket-cloud/docs/configure-your-runner-in-bitbucket-pipelines-yml/."""
    labels = texts(member(node, "runs-on"))
    words = {one.raw.strip().lower() for one in labels}
    architecture = text_of(member(node, "runtime", "cloud", "arch"))
    if architecture is not None and architecture.raw == "arm":
        message = "the service runs this step on ARM; here it runs on what processor there is"
        notes.warning("processor-not-chosen", message, architecture.at, rule=pages.STEP)
    if not labels:
        return Runner()
    platform = next((_PLATFORMS[word] for word in sorted(words) if word in _PLATFORMS), Platform.LINUX)
    message = f"this step is for a runner of its own (`{'`, `'.join(one.raw for one in labels)}`); it runs here instead"
    notes.findings.append(_note("own-runner", message, labels[0]))
    return Runner(labels, platform, containers=not words & _ON_THE_MACHINE)


def _note(code: str, message: str, label: Text) -> Finding:
    return Finding(Severity.NOTE, code, message, label.at, rule=pages.RUNNERS)
