"""From the text of a `bitbucket-pipelines.yml` to pipelines of the model: one for each entry of a section."""

from collections.abc import Iterable, Iterator

from understudy.dialects.base import ReadFile, Reading
from understudy.dialects.bitbucket import checks_definitions, checks_pipelines, inputs, pages, templates
from understudy.dialects.bitbucket.checks_steps import StepChecks
from understudy.dialects.bitbucket.definitions import read_definitions
from understudy.dialects.bitbucket.flow import Flow
from understudy.dialects.bitbucket.imports import imported
from understudy.dialects.bitbucket.nodes import entries, member
from understudy.dialects.bitbucket.sections import Section, read_sections, read_variables
from understudy.dialects.bitbucket.select import triggers
from understudy.dialects.bitbucket.steps import Around, Steps
from understudy.dialects.bitbucket.structure import check as check_shape
from understudy.dialects.notes import Notes
from understudy.findings import Finding, Position, Severity, in_order
from understudy.model.pipeline import Pipeline, Text
from understudy.model.results import Facts
from understudy.text import yaml

NAME = "bitbucket"
FILES = ("bitbucket-pipelines.yml",)


def read(path: str, files: ReadFile, facts: Facts) -> Reading:
    """The pipelines of the file at `path`, and everything that is wrong with it or can't be reproduced.

    See https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/.
    """
    data = files(path)
    if data is None:
        return Reading((), (Finding(Severity.ERROR, "no-file", f"there is no file `{path}`", Position(path)),))
    loaded = yaml.load(data, path, duplicates=Severity.WARNING)
    unparsed = loaded.root is None and any(one.severity is Severity.ERROR for one in loaded.findings)
    if unparsed:
        return Reading((), in_order(loaded.findings))
    root, unfilled = templates.filled_in(loaded.root, facts) if loaded.root else (None, ())
    shape = check_shape(root, path)
    reader = _Reader(root, files, facts)
    pipelines = tuple(reader.pipelines())
    found = (*checks_definitions.check(root), *reader.notes.findings)
    every = in_order((*loaded.findings, *unfilled, *shape, *_beside(shape, found)))
    return Reading(pipelines, tuple(_once(every)))


_TOLD_ONCE = frozenset({"own-deployment", "own-runner", "docker-cache"})
"""Codes of what is no news where the same words stand again."""


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    told: set[str] = set()
    for one in findings:
        if one.code not in _TOLD_ONCE or one.message not in told:
            told.add(one.message)
            yield one


def _beside(shape: Iterable[Finding], others: Iterable[Finding]) -> Iterator[Finding]:
    """`others` less those of a place whose shape is told of already: one finding is enough there."""
    told = {one.at for one in shape if one.severity is Severity.ERROR and one.at.line}
    return (one for one in others if one.at not in told)


class _Reader:
    def __init__(self, root: yaml.Node | None, files: ReadFile, facts: Facts) -> None:
        self.notes = Notes()
        self._root = root
        self._files = files
        self._facts = facts
        self._sections = read_sections(root)
        self._around = Around(
            read_definitions(root),
            member(root, "image"),
            member(root, "options"),
            member(root, "clone"),
            root.at if root else Position(),
        )
        self._custom = {key.value: value for key, value in entries(member(root, "pipelines", "custom"))}

    def pipelines(self) -> Iterator[Pipeline]:
        self._tell_of_triggers()
        declared = {name: read_variables(node) for name, node in self._custom.items()}
        self.notes.findings += inputs.checked(declared, self._facts)
        for section in self._sections:
            yield self._pipeline(section)
        for name, node in self._around.definitions.pipelines.items():
            self._shared(name, node)

    def _pipeline(self, section: Section) -> Pipeline:
        node, around = imported(section.node, self._around, self._files, self.notes)
        steps = Steps(around, self.notes)
        flow = Flow(section.name, steps, self._custom, self.notes)
        jobs = flow.read(node, section.pattern.raw if section.kind == "custom" and section.pattern else "")
        checks = StepChecks(around, steps, self._custom)
        for step in flow.nodes:
            self.notes.findings += checks.check(step)
        self.notes.findings += checks_pipelines.check(section, node)
        return Pipeline(
            section.name,
            NAME,
            section.at,
            env=inputs.environment(read_variables(node)),
            jobs=jobs,
            by_hand=section.kind == "custom",
            triggers=triggers(section.entry, [one.entry for one in self._sections]),
        )

    def _shared(self, name: str, node: yaml.Node) -> None:
        """A pipeline for other files: nothing here starts it, and it is checked all the same."""
        section = Section("definitions.pipelines", node.at, node, Text(name, node.at))
        source, around = imported(node, self._around, self._files, Notes())
        steps = Steps(around, Notes())
        flow = Flow(section.name, steps, self._custom, Notes())
        flow.read(source)
        checks = StepChecks(around, steps, self._custom)
        for step in flow.nodes:
            self.notes.findings += checks.check(step)
        self.notes.findings += checks_pipelines.check(section, source)

    def _tell_of_triggers(self) -> None:
        key = self._root.key("triggers") if isinstance(self._root, yaml.Mapping) else None
        if key is not None:
            message = "the pipelines that `triggers` starts are not started by an event here"
            self.notes.warning("triggers", message, key.at, "name one of them to run it", pages.REFERENCE)
