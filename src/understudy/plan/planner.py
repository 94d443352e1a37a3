"""What an event starts: which pipelines, which of their jobs, in which order, and the reason for each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from understudy.dialects.base import Dialect
from understudy.errors import InputError
from understudy.findings import Finding, Severity
from understudy.model.layout import every_step
from understudy.model.pipeline import Job, Pipeline
from understudy.model.results import Facts
from understudy.plan import expand, graph, select
from understudy.plan.plan import Choice, Node, Plan
from understudy.plan.select import Selection
from understudy.plan.study import Study, Verdict, study

__all__ = ["Selection", "plan"]

_EVERYTHING = Selection()


def plan(
    pipelines: Sequence[Pipeline],
    facts: Facts,
    dialect: Dialect,
    selection: Selection = _EVERYTHING,
    *,
    unmet: Callable[[Job], str | None] = lambda _job: None,
) -> tuple[Plan, ...]:
    """One plan for each of `pipelines`, in their order; one that is not started has no nodes, and a choice saying why.

    A workflow that is asked for by name is planned even when the event would not start it, and so is a job that is
    asked for and that its filters keep out; its choice says so. `unmet` tells why a job can't be performed here.
    Raises InputError for a selection that names what isn't there.
    """
    studies = [study(pipeline, facts, dialect) for pipeline in pipelines]
    select.check({one.pipeline.name: tuple(one.wiring.jobs.values()) for one in studies}, selection)
    return tuple(
        _performed(one, facts, selection, verdict, unmet) if verdict.holds else _left_out(one, facts, verdict)
        for one, verdict in zip(studies, _decide(studies, selection), strict=True)
    )


def _decide(studies: Sequence[Study], selection: Selection) -> list[Verdict]:
    """Which pipelines are planned: those that the event starts and that have what was asked for, or that was named."""
    if selection.workflow is not None:
        other = Verdict(holds=False, reason=f"the workflow `{selection.workflow}` was asked for")
        return [_asked_anyway(one) if one.pipeline.name == selection.workflow else other for one in studies]
    chosen = _chosen(studies, selection)
    without = Verdict(holds=False, reason="none of its jobs was asked for")
    return [
        one.verdict if one.verdict.holds and index in chosen
        else _asked_anyway(one) if index in chosen
        else without if one.verdict.holds
        else one.verdict
        for index, one in enumerate(studies)
    ]  # fmt: skip


def _chosen(studies: Sequence[Study], selection: Selection) -> list[int]:
    """The indexes of the pipelines that have what was asked for.

    A job asked for by name may be in workflows that the event does not start, or be kept out by its filters; then the
    only workflow that has it is meant. Raises InputError where there are several.
    """
    started = [index for index, one in enumerate(studies) if one.verdict.holds]
    if not selection.narrows:
        return started
    live = [
        index for index in started if any(job in studies[index].active for job in _roots(studies[index], selection))
    ]
    if live or not selection.jobs:
        return live
    there = [index for index, one in enumerate(studies) if _roots(one, selection)]
    meant = [index for index in there if index in started] or there
    if len(meant) > 1:
        names = [studies[index].pipeline.name for index in meant]
        wanted = " ".join(f"-j {pattern}" for pattern in selection.jobs)
        raise InputError(
            f"the event starts it in none of the workflows that have it: {', '.join(f'`{name}`' for name in names)}",
            hint=f"name one: `understudy run {names[0]} {wanted}`",
        )
    return meant


def _asked_anyway(one: Study) -> Verdict:
    """The verdict on a pipeline that the user named: planned, with a note where the event would not start it."""
    if one.verdict.holds:
        return replace(one.verdict, reason=f"asked for; {one.verdict.reason}" if one.verdict.reason else "asked for")
    if one.pipeline.by_hand:
        return Verdict(holds=True, reason="asked for by its name")
    reason = f"asked for, though the event would not start it: {one.verdict.reason}"
    note = f"the workflow `{one.pipeline.name}` was {reason}"
    noted = Finding(Severity.NOTE, "not-started-by-event", note, one.pipeline.at)
    return Verdict(holds=True, reason=reason, findings=(*one.verdict.findings, noted))


def _left_out(one: Study, facts: Facts, verdict: Verdict) -> Plan:
    name = one.pipeline.name
    head = Choice(name, None, selected=False, reason=verdict.reason)
    rest = (Choice(name, job, selected=False, reason="its workflow is not performed") for job in one.wiring.jobs)
    return Plan(one.pipeline, facts, (), (head, *rest), verdict.findings)


def _performed(
    one: Study, facts: Facts, selection: Selection, verdict: Verdict, unmet: Callable[[Job], str | None]
) -> Plan:
    wanted, because = _wanted(one, selection)
    nodes = tuple(_nodes(one, wanted, unmet))
    if selection.cells:
        roots = frozenset(_roots(one, selection))
        late = {node.id for node in nodes if node.job.matrix is not None and node.job.id in roots}
        nodes = tuple(replace(node, only=selection.cells) if node.id in late else node for node in nodes)
    if selection.steps is not None:
        nodes = tuple(_in_part(nodes, frozenset(_roots(one, selection)), selection.steps))
    name = one.pipeline.name
    head = Choice(name, None, selected=True, reason=verdict.reason)
    rest = (Choice(name, job, selected=job in wanted, reason=because[job]) for job in one.wiring.jobs)
    return Plan(one.pipeline, facts, nodes, (head, *rest), (*verdict.findings, *one.findings), _by_job(one, nodes))


def _wanted(one: Study, selection: Selection) -> tuple[frozenset[str], dict[str, str]]:
    """The jobs to perform, and for each job of the pipeline why it is or isn't one of them."""
    roots = _roots(one, selection)
    needs = one.wiring.needs
    # What a job requires and the event would not start comes along only with a job that it would not start either.
    kept_out = {job: [need for need in needs[job] if need not in one.active] for job in one.order}
    kept_out = {job: out for job, out in kept_out.items() if job not in one.active}
    performed = one.active | graph.transitive_needs(kept_out, roots)
    effective = {job: [need for need in needs[job] if need in performed] for job in one.order}
    wanted = graph.transitive_needs(effective, roots)
    because = {**one.reasons, **dict.fromkeys(one.active - wanted, select.NOT_ASKED_FOR)}
    if selection.narrows:
        for job in (job for job in reversed(one.order) if job in wanted):
            because.update(dict.fromkeys(effective[job], f"`{job}` requires it"))
        for root in roots:
            because[root] = "asked for" if root in one.active else f"asked for, though {one.reasons[root]}"
    return wanted, because


def _roots(one: Study, selection: Selection) -> list[str]:
    """The jobs that were asked for. A pattern means those of its matches that the event starts, if it starts any."""
    kept = [one.wiring.jobs[job] for job in one.order if selection.keeps(one.wiring.jobs[job])]
    if not selection.jobs:
        return [job.id for job in kept if job.id in one.active]
    found: list[str] = []
    for pattern in selection.jobs:
        matches = [job.id for job in select.matching(kept, pattern)]
        found += [job for job in matches if job in one.active] or matches
    return list(dict.fromkeys(found))


def _nodes(one: Study, wanted: frozenset[str], unmet: Callable[[Job], str | None]) -> Iterable[Node]:
    """The nodes of the wanted jobs in a topological order; needs that are not performed are dropped from their jobs."""
    jobs = one.wiring.jobs
    needs = {job: [need for need in one.wiring.needs[job] if need in wanted] for job in jobs if job in wanted}
    ids = {job: expand.node_ids(jobs[job]) for job in needs}
    written = {job.id: job for job in one.pipeline.jobs}
    for job in graph.topological(needs):
        after = frozenset(node for need in needs[job] for node in ids[need])
        yield from expand.nodes(
            one.wiring.pruned(job, wanted), after, unmet(jobs[job]), written[one.wiring.origins[job]]
        )


def _in_part(nodes: Iterable[Node], jobs: frozenset[str], steps: tuple[int, int]) -> Iterator[Node]:
    """`nodes`, of those of `jobs` only `steps`. Raises InputError for steps that one of them doesn't have."""
    for node in nodes:
        if node.job.id in jobs:
            count = len(every_step(node.job))
            if steps[0] > count:
                message = f"`{node.id}` has {count} steps, and no step {steps[0]}"
                raise InputError(message, hint="`understudy show` counts the steps of a run")
            node = replace(node, steps=steps)  # noqa: PLW2901 - the same node, narrowed
        yield node


def _by_job(one: Study, nodes: Sequence[Node]) -> dict[str, tuple[str, ...]]:
    """The node ids of each job id, for jobs as the file has them and for the cells of a matrix."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        found.setdefault(node.job.id, []).append(node.id)
    of_parts = {
        job: [node for part in parts for node in found.get(part, ())] for job, parts in one.wiring.parts.items()
    }
    return {job: tuple(ids) for job, ids in of_parts.items() if ids}
