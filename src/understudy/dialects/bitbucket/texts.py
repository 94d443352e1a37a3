"""What the texts of a file come to when they are needed: variables, keys of caches, what earlier steps hand on."""

from understudy.dialects.base import Scope
from understudy.dialects.bitbucket import inputs
from understudy.dialects.bitbucket.caches import is_key, key_value
from understudy.dialects.bitbucket.shell import VARIABLE
from understudy.model.pipeline import Text

_OUTPUT = "output-variable:"


def evaluated(text: Text, scope: Scope) -> str:
    """The value of `text` now: variables in it are filled in as a shell would, those that are not set with nothing.

    What the script of a pipe has set counts before it. See
    https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/. Raises EvaluationError.
    """
    if is_key(text.raw):
        return key_value(text.raw, scope)
    if inputs.is_input(text.raw):
        return inputs.value(text.raw, scope.facts)
    if text.raw.startswith(_OUTPUT):
        return _handed_on(text.raw.removeprefix(_OUTPUT), scope)
    if "$" not in text.raw:
        return text.raw
    known = {**scope.secrets, **scope.facts.variables, **scope.env, **_of_script(scope)}
    return VARIABLE.sub(lambda one: known.get(one[1] or one[2], ""), text.raw)


def output_variable(job: str, name: str, text: Text) -> Text:
    """A text whose value is the variable `name` that the job `job` hands on; `text` is what says so."""
    return Text(f"{_OUTPUT}{job}\0{name}", text.at)


def _handed_on(reference: str, scope: Scope) -> str:
    """Of this job once it has ended its script; of others, once they have ended."""
    job, _, name = reference.partition("\0")
    if scope.job is not None and job == scope.job.id:
        return next(
            (outputs[f"handed:{name}"] for outputs in scope.outputs.values() if f"handed:{name}" in outputs), ""
        )
    state = scope.jobs.get(job)
    return state.outputs.get(name, "") if state else ""


def _of_script(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for outputs in scope.outputs.values():
        found |= {name.removeprefix("value:"): value for name, value in outputs.items() if name.startswith("value:")}
    return found
