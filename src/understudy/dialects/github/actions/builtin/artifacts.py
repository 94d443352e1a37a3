"""`actions/upload-artifact`, its `merge` and `download-artifact`: artifacts of the run, in this machine's store.

What differs: an artifact that is uploaded twice is added to, not refused (`overwrite` makes no difference); ids and
addresses are made up, `retention-days` and `compression-level` make no difference; what other runs and repositories
uploaded can't be downloaded; what was merged stays (`delete-merged` makes no difference).
https://github.com/actions/upload-artifact and https://github.com/actions/download-artifact.
"""

from dataclasses import replace

from understudy.dialects.github.actions.builtin.parts import (
    expression,
    group,
    ignored,
    inner,
    inside,
    only_if,
    told,
)
from understudy.dialects.github.actions.resolved import Asked, Resolved
from understudy.findings import Severity
from understudy.model.pipeline import Fetch, Kind, Publish, Step, Text

HANDED = "~/.understudy/handed"
"""The folder of the room where artifacts lie between fetching and laying out."""

_UPLOAD = {"name": "artifact", "path": "", "if-no-files-found": "warn", "include-hidden-files": "false"}
_DOWNLOAD = {"name": "", "path": "", "pattern": "", "merge-multiple": "false"}
_MERGE = {
    "name": "merged-artifacts", "pattern": "*", "separate-directories": "false", "include-hidden-files": "false",
}  # fmt: skip
_MAKES_NO_DIFFERENCE = {
    "retention-days": "the store keeps what fits into it",
    "compression-level": "nothing is compressed",
}


def upload(asked: Asked) -> Resolved:
    """Gathers what the patterns match, and publishes it under the artifact's name."""
    if not asked.raw("path"):
        finding = told(asked, Severity.ERROR, "missing-input", f"`{asked.use.ref.raw}` needs the input `path`")
        return Resolved(asked.step, (), (finding,))
    inputs = {name: asked.text(name, otherwise) for name, otherwise in _UPLOAD.items()}
    gather = inside(asked, "gather", "Gather the files", ("upload.sh",), _UPLOAD)
    folder = expression(asked, "steps.gather.outputs.folder")
    action = Publish(Kind.ARTIFACT, (folder,), name=expression(asked, "inputs.name"), literal=True)
    found = only_if(asked, "steps.gather.outputs.found == 'true'")
    publish = inner(asked, "publish", "Publish what was gathered", action, found)
    names = ("artifact-id", "artifact-url", "artifact-digest")
    outputs = {name: f"steps.gather.outputs.{name}" for name in names}
    return Resolved(group(asked, (gather, publish), inputs, outputs), (), ignored(asked, _MAKES_NO_DIFFERENCE))


def merge(asked: Asked) -> Resolved:
    """Publishes the artifacts of the run so far that a pattern matches as one more.

    https://github.com/actions/upload-artifact/blob/main/merge/README.md
    """
    inputs = {name: asked.text(name, otherwise) for name, otherwise in _MERGE.items()}
    fetch = inner(asked, "fetch", "Fetch the artifacts of the run", Fetch(Kind.ARTIFACT, Text(HANDED, asked.step.at)))
    gather = _handed(asked, inside(asked, "gather", "Lay them together", ("handed.sh", "merge.sh"), _MERGE))
    folder = expression(asked, "steps.gather.outputs.folder")
    action = Publish(Kind.ARTIFACT, (folder,), name=expression(asked, "inputs.name"), literal=True)
    publish = inner(asked, "publish", "Publish what was gathered", action)
    outputs = {name: f"steps.gather.outputs.{name}" for name in ("artifact-id", "artifact-url", "artifact-digest")}
    no_difference = {**_MAKES_NO_DIFFERENCE, "delete-merged": "what was merged stays"}
    return Resolved(group(asked, (fetch, gather, publish), inputs, outputs), (), ignored(asked, no_difference))


def _handed(asked: Asked, step: Step) -> Step:
    return replace(step, env={**step.env, "UNDERSTUDY_HANDED": Text(HANDED, asked.step.at)})


def download(asked: Asked) -> Resolved:
    """Fetches the artifacts of the run so far, and lays those out that are wanted."""
    elsewhere = next((name for name in ("run-id", "repository", "artifact-ids") if asked.raw(name)), None)
    if elsewhere is not None and "github.run_id" not in asked.raw(elsewhere):
        message = f"`{elsewhere}` of `{asked.use.ref.raw}` is not reproduced: only artifacts of this run are here"
        finding = told(asked, Severity.UNSUPPORTED, "artifact-elsewhere", message, at=asked.given[elsewhere])
        return Resolved(asked.step, (), (finding,))
    inputs = {name: asked.text(name, otherwise) for name, otherwise in _DOWNLOAD.items()}
    action = Fetch(Kind.ARTIFACT, Text(HANDED, asked.step.at))
    fetch = inner(asked, "fetch", "Fetch the artifacts of the run", action)
    lay = _handed(asked, inside(asked, "lay", "Lay them out", ("handed.sh", "download.sh"), _DOWNLOAD))
    outputs = {"download-path": "steps.lay.outputs.download-path"}
    return Resolved(group(asked, (fetch, lay), inputs, outputs))
