"""The step that a pipe of a script becomes.

See https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/.
"""

from collections.abc import Iterator, Mapping

from understudy.dialects.bitbucket.parts import Pipe
from understudy.dialects.bitbucket.pipes.elsewhere import WOULD
from understudy.dialects.bitbucket.pipes.images import PAGE, PipeImage, image_of
from understudy.dialects.bitbucket.variables import CLONE_DIR
from understudy.findings import Finding, Severity
from understudy.model.pipeline import RunContainer, Script, Step, Text, Use

_NOT_PERFORMED = "not performed here"


def step(pipe: Pipe, identity: str) -> tuple[Step, tuple[Finding, ...]]:
    """The step of `pipe`, with that id, and what is to be known of it.

    What only tells somebody something passes without doing so; all else is the container that the service starts.
    """
    reference = pipe.ref.raw
    name = Text(f"pipe: {pipe.name.raw if pipe.name else reference}", pipe.ref.at)
    found = image_of(reference)
    if found is None:
        return Step(identity, name, pipe.ref.at, Use(pipe.ref)), (_unreadable(pipe),)
    would = WOULD.get(f"{found.owner}/{found.name}")
    if would is not None:
        line = Text(f"echo 'This pipe would {would}: it is {_NOT_PERFORMED}.'", pipe.ref.at)
        return Step(identity, name, pipe.ref.at, Script(line, lines=(line,))), (_not_performed(pipe, would),)
    action = RunContainer(
        image=Text(found.image, pipe.ref.at),
        env=dict(_environment(pipe.variables)),
        folders={CLONE_DIR: "."},
        workdir=CLONE_DIR,
    )
    return Step(identity, name, pipe.ref.at, action), () if found.sure else (_guessed(pipe, found),)


def _environment(variables: Mapping[str, Text | tuple[Text, ...]]) -> Iterator[tuple[str, Text]]:
    """A list is as many variables as it has items, and one that counts them.

    See https://support.atlassian.com/bitbucket-cloud/docs/advanced-techniques-for-writing-pipes/.
    """
    for name, value in variables.items():
        if isinstance(value, Text):
            yield name, value
            continue
        yield f"{name}_COUNT", Text(str(len(value)))
        yield from ((f"{name}_{number}", one) for number, one in enumerate(value))


def _unreadable(pipe: Pipe) -> Finding:
    message = f"the pipe `{pipe.ref.raw}` can't be told from its name"
    hint = "write `owner/name:version`, or `docker://` and an image"
    return Finding(Severity.UNSUPPORTED, "unknown-pipe", message, pipe.ref.at, hint, PAGE)


def _not_performed(pipe: Pipe, would: str) -> Finding:
    message = f"the pipe `{pipe.ref.raw}` would {would}: it passes without doing so"
    return Finding(Severity.NOTE, "pipe-not-performed", message, pipe.ref.at, rule=PAGE)


def _guessed(pipe: Pipe, found: PipeImage) -> Finding:
    message = f"the image of the pipe `{pipe.ref.raw}` is taken to be `{found.image}`: its own repository would say"
    hint = f"write `docker://{found.image}` if it is, or the image that it is"
    return Finding(Severity.WARNING, "pipe-image-guessed", message, pipe.ref.at, hint, PAGE)
