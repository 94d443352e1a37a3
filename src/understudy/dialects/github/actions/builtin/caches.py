"""`actions/cache`, `actions/cache/restore` and `actions/cache/save`: caches of this machine's store.

What differs: caches are not bound to branches, and not to the `path` they were saved for; paths that begin with `!`
leave nothing out; `save-always` saves after success only. https://github.com/actions/cache and
https://docs.github.com/actions/reference/workflows-and-actions/dependency-caching.
"""

from dataclasses import replace

from understudy.dialects.github.actions.builtin.parts import (
    carried,
    expression,
    group,
    ignored,
    inner,
    told,
)
from understudy.dialects.github.actions.resolved import SH, Asked, Resolved
from understudy.findings import Finding, Severity
from understudy.model.pipeline import RestoreCache, SaveCache, Script, Step, Text

HIT = "steps.told.outputs.cache-hit"
"""An expression inside a group whose steps `restore_steps` made."""

_OUTPUTS = {
    "cache-hit": HIT,
    "cache-primary-key": "inputs.key_1",
    "cache-matched-key": "steps.restore.outputs.matched",
}
_TELL = """\
hit=
if [ "$MATCHED" ]; then
  hit=false
  [ "$MATCHED" != "$KEY" ] || hit=true
fi
printf 'cache-hit=%s\\n' "$hit" >>"$GITHUB_OUTPUT"
if [ -z "$MATCHED" ] && [ "$FAIL" = true ]; then
  echo "::error::Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: $KEY"
  exit 1
fi
"""


def restore_steps(asked: Asked, keys: tuple[Text, ...], paths: tuple[Text, ...], *, save: bool) -> tuple[Step, ...]:
    """Steps that restore, with what later steps are told of it; with `save` it is saved after the job too.

    `cache-hit` is `true` for the key itself, `false` for another one, and empty for none.
    """
    restore = inner(asked, "restore", "Restore the cache", RestoreCache(keys, paths))
    key = expression(asked, "steps.restore.outputs.key")  # as it was then: files that it is made of may change
    if save:
        after = inner(asked, "save", f"Post {asked.step.name.raw}", SaveCache(key, paths))
        restore = replace(restore, after_job=(after,))
    env = {
        "MATCHED": expression(asked, "steps.restore.outputs.matched"),
        "KEY": key,
        "FAIL": asked.text("fail-on-cache-miss", "false"),
    }
    tell = inner(asked, "told", "Tell whether there was one", Script(Text(_TELL, asked.step.at), SH))
    return restore, replace(tell, env=env)


def cache(asked: Asked) -> Resolved:
    """Restores now, and saves under `key` after the job if it passes."""
    return _restored(asked, save=True)


def restore(asked: Asked) -> Resolved:
    """Restores, and no more."""
    return _restored(asked, save=False)


def _restored(asked: Asked, *, save: bool) -> Resolved:
    lacking = _lacking(asked)
    if lacking:
        return Resolved(asked.step, (), lacking)
    if asked.on("lookup-only"):
        message = "`lookup-only` is not reproduced: the cache is restored"
        findings: tuple[Finding, ...] = (told(asked, Severity.WARNING, "lookup-only", message),)
    else:
        findings = ()
    keys, inside = carried(asked, "key", (asked.text("key"), *asked.lines("restore-keys")))
    paths, places = carried(asked, "path", _paths(asked))
    also = {"fail-on-cache-miss": asked.text("fail-on-cache-miss", "false")}
    restored = restore_steps(_inside(asked), inside, places, save=save)
    step = group(asked, restored, {**keys, **paths, **also}, _OUTPUTS)
    return Resolved(step, (), (*findings, *_left_out(asked), *ignored(asked, _IGNORED)))


def save(asked: Asked) -> Resolved:
    """Saves now."""
    lacking = _lacking(asked)
    step = replace(asked.step, action=SaveCache(asked.text("key"), _paths(asked)))
    return Resolved(asked.step if lacking else step, (), (*lacking, *_left_out(asked)))


_IGNORED = {"enablecrossosarchive": "there is one system", "upload-chunk-size": "nothing is uploaded"}


def _inside(asked: Asked) -> Asked:
    """`asked` with the switch as it is called inside the group."""
    switch = expression(asked, "inputs.fail-on-cache-miss")
    return replace(asked, given={**asked.given, "fail-on-cache-miss": switch})


def _lacking(asked: Asked) -> tuple[Finding, ...]:
    return tuple(
        told(asked, Severity.ERROR, "missing-input", f"`{asked.use.ref.raw}` needs the input `{name}`")
        for name in ("path", "key")
        if not asked.raw(name)
    )


def _paths(asked: Asked) -> tuple[Text, ...]:
    return tuple(path for path in asked.lines("path") if not path.raw.startswith("!"))


def _left_out(asked: Asked) -> tuple[Finding, ...]:
    message = "a path that begins with `!` leaves nothing out of a cache here"
    return tuple(
        told(asked, Severity.WARNING, "cache-exclusion", message, at=path)
        for path in asked.lines("path")
        if path.raw.startswith("!")
    )
