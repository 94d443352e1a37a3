"""How the steps of a pipeline follow one another: in a row, side by side, in stages, and when somebody says so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from understudy.dialects.bitbucket import pages
from understudy.dialects.bitbucket.artifacts import without_idle
from understudy.dialects.bitbucket.conditions_of import ALWAYS_NEXT, GOES_ON, condition_of
from understudy.dialects.bitbucket.nodes import entries, flag, items, member, text_of, texts
from understudy.dialects.bitbucket.sections import read_variables
from understudy.dialects.bitbucket.steps import Steps
from understudy.dialects.bitbucket.structure_steps import is_child, is_manual
from understudy.dialects.bitbucket.texts import output_variable
from understudy.dialects.notes import Notes
from understudy.findings import Position
from understudy.model.pipeline import ALWAYS, Approve, Condition, Job, Need, Siblings, Step, Text
from understudy.text import yaml

_MOST_JOBS = 1000
"""More than that are not read: the service refuses a tenth of them."""
_MOST_GENERATIONS = 20


@dataclass(frozen=True, slots=True)
class _Stage:
    """What a stage, or the step that starts a child pipeline, says for all steps in it."""

    lead: str = ""
    name: str = ""
    when: Condition | None = None
    deployment: Text | None = None
    group: str | None = None
    forgiven: bool = False
    env: Mapping[str, Text] = field(default_factory=dict)
    children: tuple[str, ...] = ()


class Flow:
    """Reads the steps of one pipeline. `custom`: the custom pipelines of the file, which its steps may start."""

    def __init__(self, name: str, steps: Steps, custom: Mapping[str, yaml.Node], notes: Notes) -> None:
        self._name = name
        self._steps = steps
        self._custom = custom
        self._notes = notes
        self._taken: set[str] = set()
        self._count = 0
        self._groups = 0
        self._handed: dict[str, Text] = {}
        self._last: tuple[str, ...] = ()
        self.nodes: list[yaml.Mapping] = []
        """The steps as the file has them, those that start child pipelines included."""
        self.jobs: list[Job] = []

    def read(self, node: yaml.Node | None, custom: str = "") -> tuple[Job, ...]:
        """The jobs of the list of steps `node`, which is that of the pipeline `custom` where that has a name."""
        self._items(items(node), _Stage(children=(custom,)))
        return without_idle(self.jobs)

    def _items(self, nodes: Iterable[yaml.Node], stage: _Stage) -> None:
        for item in nodes:
            for key, value in entries(item):
                if len(self.jobs) >= _MOST_JOBS:
                    return
                if key.value == "step" and isinstance(value, yaml.Mapping):
                    self._row([value], stage, key.at)
                elif key.value == "final" and isinstance(value, yaml.Mapping):
                    self._final(value, key.at)
                elif key.value == "parallel":
                    self._parallel(value, stage, key.at)
                elif key.value == "stage":
                    self._stage(value, stage, key.at)

    def _final(self, node: yaml.Mapping, at: Position) -> None:
        """A step that is performed whatever has become of those before it. See pages.FINAL."""
        self._row([node], _Stage(), at)
        job = self.jobs[-1]
        needs = tuple(replace(need, outcomes=ALWAYS.after) for need in job.needs)
        self.jobs[-1] = replace(job, when=replace(job.when, after=ALWAYS.after), needs=needs)

    def _stage(self, node: yaml.Node, outer: _Stage, at: Position) -> None:
        """See https://support.atlassian.com/bitbucket-cloud/docs/stage-options/."""
        name = text_of(member(node, "name"))
        group = text_of(member(node, "concurrency-group"))
        strategy = text_of(member(node, "on-fail", "strategy"))
        condition = member(node, "condition")
        stage = replace(
            outer,
            name=name.raw if name else "",
            when=condition_of(condition) if condition else outer.when,
            deployment=text_of(member(node, "deployment")) or text_of(member(node, "environment")),
            group=group.raw if group else None,
            forgiven=strategy is not None and strategy.raw == "ignore",
        )
        if is_manual(node):
            self._last = (self._gate(name.raw if name else "stage", stage, at, stage.when or ALWAYS_NEXT),)
        self._items(items(member(node, "steps")), stage)

    def _parallel(self, node: yaml.Node, stage: _Stage, at: Position) -> None:
        """See https://support.atlassian.com/bitbucket-cloud/docs/parallel-step-options/."""
        listed = node if isinstance(node, yaml.Sequence) else member(node, "steps")
        together = flag(member(node, "fail-fast"), otherwise=False)
        steps = [step for item in items(listed) if isinstance(step := member(item, "step"), yaml.Mapping)]
        self._groups += 1
        self._row(steps[:_MOST_JOBS], stage, at, group=f"{self._name}/parallel-{self._groups}", fail_fast=together)

    def _row(
        self, nodes: list[yaml.Mapping], stage: _Stage, at: Position, *, group: str = "", fail_fast: bool = False
    ) -> None:
        """Steps that all wait for the same: one alone, or those of a parallel group."""
        before, handed = self._last, dict(self._handed)
        ends: list[str] = []
        for index, node in enumerate(nodes):
            self.nodes.append(node)
            self._last, self._handed = before, dict(handed)
            place = node.at if group else at
            if is_child(node):
                self._child(node, stage, place)
            else:
                siblings = None
                if group:
                    own = flag(member(node, "fail-fast"), otherwise=fail_fast)
                    siblings = Siblings(group, index, len(nodes), own)
                self._step(node, stage, place, siblings)
            ends += self._last
        self._last = tuple(dict.fromkeys(ends)) or before
        self._handed = {**handed, **{name: text for job in self._jobs_of(ends) for name, text in job.outputs.items()}}

    def _jobs_of(self, ids: Iterable[str]) -> Iterator[Job]:
        wanted = set(ids)
        yield from (job for job in self.jobs if job.id in wanted)

    def _step(self, node: yaml.Mapping, stage: _Stage, at: Position, siblings: Siblings | None) -> None:
        identity = self._identity(node, stage)
        job = self._steps.job(node, identity, at)
        if stage.when is not None and member(node, "condition") is None:
            job = replace(job, when=stage.when)
        if is_manual(node):
            self._last = (self._gate(identity, stage, at, job.when),)
        outputs = texts(member(node, "output-variables"))
        deployment = job.deployment or stage.deployment
        job = replace(
            job,
            names=tuple(dict.fromkeys(one for one in (job.name.raw, stage.name) if one and one != identity)),
            needs=self._needs(at),
            env={**self._handed, **stage.env, **job.env},
            outputs={one.raw: output_variable(identity, one.raw, one) for one in outputs},
            deployment=deployment,
            contexts=(deployment,) if deployment else (),
            group=job.group or stage.group or (f"deployment {deployment.raw}" if deployment else None),
            limits=replace(job.limits, allow_failure=job.limits.allow_failure or stage.forgiven),
            siblings=siblings,
        )
        self.jobs.append(job)
        self._last = (identity,)

    def _child(self, node: yaml.Mapping, stage: _Stage, at: Position) -> None:
        """The steps of a custom pipeline in the place of the one that starts it.

        See https://support.atlassian.com/bitbucket-cloud/docs/child-pipeline-step-options/.
        """
        identity = self._identity(node, stage)
        name = text_of(member(node, "custom"))
        child = self._custom.get(name.raw) if name else None
        if name is None or child is None:
            return
        if name.raw in stage.children or len(stage.children) > _MOST_GENERATIONS:
            message = f"the custom pipeline `{name.raw}` starts itself as its child, without an end"
            self._notes.error("endless-children", message, name.at, "start another one", pages.CHILD)
            return
        condition = member(node, "condition")
        when = condition_of(condition) if condition else stage.when
        if is_manual(node):
            self._last = (self._gate(identity, stage, at, when or ALWAYS_NEXT),)
        self._tell_of_child(node, name)
        given = {
            key.value: text_of(value) or Text("", value.at) for key, value in entries(member(node, "input-variables"))
        }
        defaults = {one.name.raw: one.default for one in read_variables(child) if one.default is not None}
        self._items(
            items(child),
            _Stage(
                f"{identity}/",
                name.raw,
                when,
                env={**stage.env, **defaults, **given},
                children=(*stage.children, name.raw),
            ),
        )

    def _tell_of_child(self, node: yaml.Mapping, name: Text) -> None:
        message = (
            f"the steps of the child pipeline `{name.raw}` are performed as steps of this one: its artifacts pass "
            "to and fro without `input` and `output`, and its `BITBUCKET_BUILD_NUMBER` is the same"
        )
        self._notes.warning("child-pipeline", message, name.at, rule=pages.CHILD)
        strategy = text_of(member(node, "on-fail", "strategy"))
        if strategy is not None and strategy.raw != "fail":
            what = f"`on-fail` of a step that starts a child pipeline is not reproduced (`{strategy.raw}`)"
            self._notes.unsupported(
                "child-on-fail", what, strategy.at, "say it of the child's own steps", pages.ON_FAIL
            )

    def _gate(self, name: str, stage: _Stage, at: Position, when: Condition) -> str:
        """A job that waits for somebody to say that the step or stage `name` may start."""
        identity = self._free(f"start {name.removeprefix(stage.lead)}", stage)
        prompt = Text(f"start {name}", at)
        step = Step("approve", prompt, at, Approve(prompt))
        self.jobs.append(Job(identity, prompt, at, needs=self._needs(at), when=when, steps=(step,)))
        return identity

    def _needs(self, at: Position) -> tuple[Need, ...]:
        return tuple(Need(one, at, GOES_ON) for one in self._last)

    def _identity(self, node: yaml.Mapping, stage: _Stage) -> str:
        self._count += 1
        name = text_of(member(node, "name"))
        return self._free(" ".join(name.raw.split()) if name else "", stage)

    def _free(self, name: str, stage: _Stage) -> str:
        """`name`, or the step's number where it has none, with a further number where that is taken."""
        wanted = f"{stage.lead}{name or f'Step {self._count}'}"
        found, number = wanted, 1
        while found in self._taken:
            number += 1
            found = f"{wanted} ({number})"
        self._taken.add(found)
        return found
