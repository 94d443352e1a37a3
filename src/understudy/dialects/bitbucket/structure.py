"""What is wrong with the shape of a Bitbucket file, before anybody asks what it means."""

from collections.abc import Iterable
from dataclasses import replace

from understudy.dialects.bitbucket import pages, structure_texts
from understudy.dialects.bitbucket.sections import BY_NAME
from understudy.dialects.bitbucket.structure_parts import (
    CACHE,
    CLONE,
    IGNORED,
    IMAGE,
    MAX_TIME,
    NAMED,
    RUNTIME,
    SERVICE,
    SIZE,
)
from understudy.dialects.bitbucket.structure_steps import CUSTOM, PIPELINE, PULL_REQUEST
from understudy.findings import Finding, Position, Severity
from understudy.text import yaml
from understudy.text.nearest import nearest
from understudy.text.shape import Anything, Either, Flag, Place, Shape, Table, is_null
from understudy.text.shape import check as check_shape

SECTIONS = ("default", *BY_NAME)
"""See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/."""


def _by_glob(pipeline: Shape, noun: str) -> Shape:
    return Table(others=pipeline, noun=noun, name_test=structure_texts.glob, rule=pages.START)


_PIPELINES = Table(
    keys={
        "default": PIPELINE,
        "branches": _by_glob(PIPELINE, "branch"),
        "tags": _by_glob(PIPELINE, "tag"),
        "bookmarks": _by_glob(PIPELINE, "bookmark"),
        "pull-requests": _by_glob(PULL_REQUEST, "pull request's branch"),
        "custom": Table(others=CUSTOM, noun="custom pipeline", name_test=structure_texts.filled, rule=pages.START),
    },
    rule=pages.START,
)
_DEFINITIONS_KEYS: dict[str, Shape] = {
    "caches": Table(others=CACHE, noun="cache", rule=pages.CACHES),
    "services": Table(others=Either((SERVICE,), "a map", nothing=True), noun="service", rule=pages.SERVICES),
    "pipelines": Table(others=CUSTOM, noun="shared pipeline", rule=pages.SHARING),
    "imports": Table(others=NAMED, noun="import source", rule=pages.SHARING),
}
_KEYS: dict[str, Shape] = {
    "image": IMAGE,
    "options": Table(
        keys={"max-time": MAX_TIME, "docker": Flag(), "size": SIZE, "runtime": RUNTIME},
        unknown=IGNORED,
        rule=pages.GLOBAL,
    ),
    "clone": CLONE,
    "definitions": Table(keys=_DEFINITIONS_KEYS, others=Anything(), rule=pages.DEFINITIONS),
    "pipelines": _PIPELINES,
    "export": Flag(),
    "labels": Anything(),
    "triggers": Anything(),
}
_FILE = Table(keys=_KEYS, others=Anything(), rule=pages.REFERENCE)


def check(root: yaml.Node | None, file: str) -> tuple[Finding, ...]:
    """What is wrong with the shape of the file whose document is `root` (None: it holds nothing).

    Keys that the service doesn't know at the top and in `definitions` are left alone, since files keep anchors there.
    A text with a `${{ }}` is taken for a value of any type. See
    https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/.
    """
    if root is None or is_null(root):
        hint = "start with `pipelines:`, `default:` and a `step:`"
        at = Position(file, 1, 1)
        return (Finding(Severity.ERROR, "empty-file", "the file says nothing", at, hint, pages.REFERENCE),)
    place = Place("the file", root.at, pages.REFERENCE)
    if not isinstance(root, yaml.Mapping):
        return tuple(map(_hinted, check_shape(Table(), root, place, structure_texts.is_late)))
    shape = tuple(map(_hinted, check_shape(_FILE, root, place, structure_texts.is_late)))
    definitions = root.get("definitions")
    inner = definitions if isinstance(definitions, yaml.Mapping) else None
    return (
        *shape,
        *_misspelt(root, _KEYS, "at the top of a file"),
        *(_misspelt(inner, (*_DEFINITIONS_KEYS, "steps"), "in `definitions`") if inner else ()),
        *_nothing_to_run(root),
    )


_HINTS = {
    "wrong-type": "the page of the rule shows how it is written",
    "bad-value": "take one that it can be, or leave the key out",
    "bad-name": "rename it",
}
"""What to do where the message says all and no shape says more, by code."""


def _hinted(finding: Finding) -> Finding:
    return finding if finding.hint else replace(finding, hint=_HINTS.get(finding.code, ""))


def _misspelt(table: yaml.Mapping, known: Iterable[str], where: str) -> Iterable[Finding]:
    words = tuple(known)
    for key, _ in table:
        meant = None if key.value in words else nearest(key.value, words)
        if meant is not None and meant not in table:
            message = f"the key `{key.value}` does nothing {where}"
            yield Finding(Severity.WARNING, "unknown-key", message, key.at, f"did you mean `{meant}`?", pages.REFERENCE)


def _nothing_to_run(root: yaml.Mapping) -> Iterable[Finding]:
    """See https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#The-Pipelines-property."""
    pipelines = root.get("pipelines")
    if pipelines is not None and not is_null(pipelines):
        if isinstance(pipelines, yaml.Mapping) and not any(section in pipelines for section in SECTIONS):
            message = (
                f"`pipelines` has none of {', '.join(f'`{one}`' for one in SECTIONS)}, so that nothing ever starts"
            )
            key = root.key("pipelines")
            at = key.at if key else pipelines.at
            yield Finding(Severity.ERROR, "nothing-to-run", message, at, "add `default:`", pages.START)
        return
    export = root.get("export")
    if isinstance(export, yaml.Scalar) and export.value == "true":
        return
    key = root.key("pipelines")
    message = "`pipelines` is empty, so that nothing ever starts" if key else "nothing would start: no `pipelines`"
    hint = "add `pipelines:` with `default:`"
    severity = Severity.ERROR if key else Severity.WARNING
    yield Finding(severity, "nothing-to-run", message, key.at if key else root.at, hint, pages.START)
