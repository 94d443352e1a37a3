"""What the texts of a file come to when they are needed: variables, keys of caches, what earlier steps hand on."""

from understudy.dialects.base import Scope
from understudy.dialects.bitbucket import inputs
from understudy.dialects.bitbucket.caches import is_key, key_value
from understudy.dialects.bitbucket.shell import VARIABLE
from understudy.model.pipeline import Text

_OUTPUT = "\0output-variable:"


def evaluated(text: Text, scope: Scope) -> str:
    """The value of `text` now: variables in it are filled in as a shell would, those that are not set with nothing.

    What the script of a pipe has set counts before it. See
    https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/. Raises EvaluationError.
    """
    try:
        found = _own(text.raw, scope)
    except (ValueError, TypeError, AttributeError):
        found = None  # words of the file that begin as ours do
    if found is not None:
        return found
    if "$" not in text.raw:
        return text.raw
    known = {**scope.secrets, **scope.facts.variables, **scope.env, **_of_script(scope)}
    return VARIABLE.sub(lambda one: known.get(one[1] or one[2], ""), text.raw)


def _own(text: str, scope: Scope) -> str | None:
    """The value of a text that reading has made; None for one of the file. Raises EvaluationError."""
    if is_key(text):
        return key_value(text, scope)
    if inputs.is_input(text):
        return inputs.value(text, scope.facts)
    return _handed_on(text.removeprefix(_OUTPUT), scope) if text.startswith(_OUTPUT) else None


def output_variable(job: str, name: str, text: Text) -> Text:
    """A text whose value is the variable `name` that the job `job` hands on; `text` is what says so."""
    return Text(f"{_OUTPUT}{job}\0{name}", text.at)


def _handed_on(reference: str, scope: Scope) -> str:
    """Of this job once it has ended its script; of others, once they have ended."""
    job, _, name = reference.partition("\0")
    if scope.job is not None and job == scope.job.id:
        handed = [outputs[f"handed:{name}"] for outputs in scope.outputs.values() if f"handed:{name}" in outputs]
        return handed[-1] if handed else ""
    state = scope.jobs.get(job)
    return state.outputs.get(name, "") if state else ""


def _of_script(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for outputs in scope.outputs.values():
        found |= {name.removeprefix("value:"): value for name, value in outputs.items() if name.startswith("value:")}
    return found
