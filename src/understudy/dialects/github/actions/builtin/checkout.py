"""`actions/checkout`: the project's files, as a commit would hold them now.

What differs: nothing is fetched, so other repositories and refs are not to be had, and history, tags and submodules are
those of this clone. A token is neither needed nor kept. https://github.com/actions/checkout
"""

import re
from dataclasses import replace

from understudy.dialects.github.actions.builtin.parts import ignored, told
from understudy.dialects.github.actions.resolved import Asked, Resolved
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Checkout

_OWN_REPOSITORY = re.compile(
    r"\$\{\{\s*github\.(repository|event\.repository\.full_name|event\.pull_request\.head\.repo\.full_name)\s*\}\}"
)
_OWN_REF = re.compile(
    r"\$\{\{\s*github\.(ref|sha|ref_name|head_ref|event\.pull_request\.head\.(sha|ref)|event\.after"
    r"|event\.workflow_run\.head_(sha|branch))(\s*\|\|\s*github\.[\w.]+)*\s*\}\}"
)
_IGNORED = {
    "sparse-checkout": "all of the project is there",
    "filter": "the history is that of this clone",
}


def checkout(asked: Asked) -> Resolved:
    """The step with a Checkout; still a Use where it wants what isn't here."""
    repository, ref = asked.raw("repository"), asked.raw("ref")
    if repository and not _OWN_REPOSITORY.fullmatch(repository):
        message = f"the repository `{repository}` is not checked out: only the project's own is here"
        hint = "leave the step out where the variable `UNDERSTUDY` is set, or clone it in a `run` step"
        finding = told(asked, Severity.UNSUPPORTED, "other-repository", message, hint, at=asked.given["repository"])
        return Resolved(asked.step, (), (finding,))
    findings = (*_other_ref(asked, ref), *ignored(asked, _IGNORED))
    if any(one.severity is Severity.UNSUPPORTED for one in findings):
        return Resolved(asked.step, (), findings)
    depth = asked.raw("fetch-depth", "1")
    path = asked.given.get("path") if asked.raw("path") not in ("", ".", "./") else None
    action = Checkout(path, int(depth) if depth.isdecimal() else None, replaces=True)
    return Resolved(replace(asked.step, action=action), (), (*findings, *_submodules(asked)))


def _other_ref(asked: Asked, ref: str) -> tuple[Finding, ...]:
    if not ref or _OWN_REF.fullmatch(ref):
        return ()
    if "${{" in ref:
        message = f"`ref: {ref}` is taken for what is checked out now, whatever it is"
        return (told(asked, Severity.WARNING, "checkout-ref", message, at=asked.given["ref"]),)
    message = f"the ref `{ref}` is not checked out: only what is here now can be"
    hint = "check it out yourself, and run Understudy there"
    return (told(asked, Severity.UNSUPPORTED, "other-ref", message, hint, at=asked.given["ref"]),)


def _submodules(asked: Asked) -> tuple[Finding, ...]:
    if asked.raw("submodules", "false") in ("", "false"):
        return ()
    message = "submodules are not fetched: their files are there only as far as this clone's copy has them"
    return (told(asked, Severity.WARNING, "submodules", message, at=asked.given["submodules"]),)
