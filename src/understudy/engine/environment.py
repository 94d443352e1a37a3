"""The environment of a job's steps: which of two values of one variable wins."""

from collections.abc import Callable, Iterator, Mapping

from understudy.engine.given import Given
from understudy.model.pipeline import Job, Pipeline, Text

Evaluate = Callable[[Text, Mapping[str, str]], str]
"""The value of a text under the variables known so far; raises EvaluationError."""


def secrets_of(job: Job, given: Given, evaluate: Evaluate) -> dict[str, str]:
    """The secrets that `job` may see: the project's, then those of its contexts, of which later ones win."""
    found = dict(given.secrets)
    for name in job.contexts:
        found |= given.contexts.get(evaluate(name, {}), {})
    return found


def every_secret(given: Given) -> Iterator[str]:
    """All values that must never be shown, whichever job they are for."""
    yield from given.secrets.values()
    for context in given.contexts.values():
        yield from context.values()
    yield from given.masks


def compose(
    layers: tuple[Mapping[str, str], ...], job: Job, pipeline: Pipeline, evaluate: Evaluate
) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of every step of `job`: `layers` (the lowest first), then what the file says; and the latter alone.

    What CircleCI documents, from the lowest: the project's variables, the contexts', its own, the container's, the
    job's, the step's (which the caller adds). Other services' pipeline variables go between container and job.
    https://circleci.com/docs/env-vars/#order-of-precedence
    """
    env: dict[str, str] = {}
    for layer in layers:
        env |= layer
    written = (job.container.env if job.container else {}, pipeline.env, job.env)
    said: dict[str, str] = {}
    for texts in written:
        said |= evaluated(texts, env | said, evaluate)
    return env | said, said


def evaluated(texts: Mapping[str, Text], env: Mapping[str, str], evaluate: Evaluate) -> dict[str, str]:
    """The values of `texts` under `env`."""
    return {name: evaluate(text, env) for name, text in texts.items()}


def with_tools(env: Mapping[str, str], tools: str, added: tuple[str, ...]) -> dict[str, str]:
    """`env` with the folders that steps added, and the service's tools before them, in front of its PATH."""
    path = env.get("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return {**env, "PATH": ":".join((tools, *added, path))}
