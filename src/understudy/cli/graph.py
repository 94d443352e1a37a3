"""Drawings of plans: as text with the reasons, as a tree with its edges, as Mermaid, and as data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from understudy.cli.findings import FindingJson, finding_json
from understudy.cli.paint import Paint, counted, width_of
from understudy.findings import in_order
from understudy.model.layout import every_step
from understudy.model.pipeline import CellValue
from understudy.plan import graph
from understudy.plan.plan import Choice, Node, Plan
from understudy.plan.select import NOT_ASKED_FOR

_DEEPEST = 12  # a deeper branch of the tree starts again at the margin, so that it stays on the screen
_NAMED = 3


class JobJson(TypedDict):
    """A node of a plan. `needs`: ids of nodes. `env`, `image` and `steps` are as written, nothing evaluated.

    `job`: the job's id, shared by the nodes of a job that `parallelism` spreads over several rooms; `index` (from 0)
    of `total`: its share of them. `unmet`: why it can't be performed here, or null.
    """

    id: str
    job: str
    name: str
    cell: Mapping[str, CellValue]
    needs: list[str]
    env: Mapping[str, str]
    executor: str | None
    image: str | None
    steps: list[str]
    index: int
    total: int
    unmet: str | None


class ChoiceJson(TypedDict):
    """Whether a job (null: the workflow as a whole) was selected, and why."""

    job: str | None
    selected: bool
    reason: str


class WorkflowJson(TypedDict):
    """A workflow: what of it would be performed, in order, and the choices that led there."""

    name: str
    dialect: str
    selected: bool
    reason: str
    jobs: list[JobJson]
    choices: list[ChoiceJson]


class PlanJson(TypedDict):
    """All workflows of a file for one event, and everything that was noticed."""

    event: str
    branch: str | None
    tag: str | None
    sha: str
    workflows: list[WorkflowJson]
    findings: list[FindingJson]


def plan_json(plans: Sequence[Plan]) -> PlanJson:
    """`plans` as data for `--json`; the keys are those of PlanJson."""
    facts = plans[0].facts if plans else None
    return {
        "event": facts.event.value if facts else "",
        "branch": facts.branch if facts else None,
        "tag": facts.tag if facts else None,
        "sha": facts.sha if facts else "",
        "workflows": [_workflow_json(one) for one in plans],
        "findings": [finding_json(found) for found in in_order(found for one in plans for found in one.findings)],
    }


def plan_lines(plans: Sequence[Plan], paint: Paint, *, every_reason: bool = False) -> list[str]:
    """Each workflow: its jobs in order with what each waits for, and those left out with the reason.

    `every_reason` tells for each selected job too why it is. Workflows that stay out for the same reason are told
    together, where the first of them stands.
    """
    out: dict[str, list[Plan]] = {}
    for one in plans:
        if not _head(one).selected:
            out.setdefault(_head(one).reason, []).append(one)
    lines: list[str] = []
    for one in plans:
        if _head(one).selected:
            lines += [*_workflow_lines(one, paint, every_reason=every_reason), ""]
        elif one is out[_head(one).reason][0]:
            lines += [*_not_started(out[_head(one).reason], paint), ""]
    return lines[:-1]


def graph_lines(plans: Sequence[Plan], paint: Paint) -> list[str]:
    """Each workflow as a tree: a job stands under the last job that it waits for, and names the others."""
    lines: list[str] = []
    for one in plans:
        if one.nodes:
            lines += [_title(one, paint), *_tree(one, paint), ""]
    return lines[:-1]


def mermaid(plans: Sequence[Plan]) -> str:
    """The plans as one Mermaid flowchart, left to right. https://mermaid.js.org/syntax/flowchart.html"""
    lines = ["flowchart LR"]
    performed = [one for one in plans if one.nodes]
    for number, one in enumerate(performed):
        names = {node.id: f"w{number}n{index}" for index, node in enumerate(one.nodes)}
        lines.append(f'  subgraph w{number}["{_mermaid_text(one.pipeline.name)}"]')
        lines += [f'    {names[node.id]}["{_mermaid_text(node.id)}"]' for node in one.nodes]
        reduced = graph.reduction(_edges(one))
        lines += [f"    {names[need]} --> {names[node]}" for node, needs in reduced.items() for need in needs]
        lines.append("  end")
    return "\n".join(lines) + "\n"


def _workflow_json(one: Plan) -> WorkflowJson:
    head = _head(one)
    return {
        "name": one.pipeline.name,
        "dialect": one.pipeline.dialect,
        "selected": head.selected,
        "reason": head.reason,
        "jobs": [_job_json(node) for node in one.nodes],
        "choices": [{"job": it.job, "selected": it.selected, "reason": it.reason} for it in one.choices],
    }


def _job_json(node: Node) -> JobJson:
    job = node.job
    return {
        "id": node.id,
        "job": job.id,
        "name": job.name.raw,
        "cell": dict(job.cell),
        "needs": sorted(node.after),
        "env": {name: text.raw for name, text in job.env.items()},
        "executor": job.executor,
        "image": job.container.image.raw if job.container else None,
        "steps": [one.step.name.raw for one in every_step(job)],
        "index": node.index,
        "total": node.total,
        "unmet": node.unmet,
    }


def _not_started(plans: Sequence[Plan], paint: Paint) -> Iterator[str]:
    """Workflows that stay out for one reason."""
    yield from paint.wrap(", ".join(_title(one, paint) for one in plans), first="")
    yield from paint.wrap(f"not started: {paint.clean(_head(plans[0]).reason)}", first="  ", indent="    ")


def _workflow_lines(one: Plan, paint: Paint, *, every_reason: bool) -> Iterator[str]:
    yield _title(one, paint)
    head = _head(one)
    if every_reason and head.reason:
        yield from paint.wrap(f"started: {paint.clean(head.reason)}", first="  ", indent="    ")
    because = {choice.job: choice.reason for choice in one.choices}
    origins = _origins(one)
    performed = [node for node in one.nodes if not node.index]
    column = _column([paint.clean(_label(node)) for node in performed], paint)
    for node in performed:
        label = paint.clean(_label(node))
        notes = [_waits(node, origins) or ("" if node.unmet else "starts at once")]
        notes += [f"skipped here: {node.unmet}"] if node.unmet else []
        notes += [because.get(node.job.id, "")] if every_reason else []
        text = paint.clean("; ".join(note for note in notes if note))
        first = f"  {paint.pad(label, column)}  "
        if width_of(label) > column:
            yield f"  {label}"
            first = " " * 6
        yield from paint.wrap(text, first=first, indent=" " * (column + 6 if first.strip() else 8))
    yield from _left_out(one, paint, every_name=every_reason)


def _column(labels: Sequence[str], paint: Paint) -> int:
    """The width of the column of names: a longer name than half the line has its notes on the line below."""
    return max((width_of(label) for label in labels if width_of(label) <= paint.width // 2), default=0)


def _left_out(one: Plan, paint: Paint, *, every_name: bool) -> Iterator[str]:
    """The jobs that are not performed, those of one reason together; what nobody asked for is counted alone."""
    by_reason: dict[str, list[str]] = {}
    for choice in one.choices:
        if choice.job is not None and not choice.selected:
            by_reason.setdefault(choice.reason, []).append(choice.job)
    for reason, jobs in by_reason.items():
        if reason == NOT_ASKED_FOR and not every_name:
            yield f"  {reason}: {counted(len(jobs), 'job')}"
            continue
        yield from paint.wrap(f"left out, {paint.clean(reason)}:", first="  ", indent="    ")
        yield from paint.wrap(", ".join(paint.clean(job) for job in jobs), first="    ", indent="    ")


def _title(one: Plan, paint: Paint) -> str:
    count = len({node.job.id for node in one.nodes})
    name = paint.styled(paint.clean(one.pipeline.name), "bold")
    return f"{name}  {counted(count, 'job')}" if _head(one).selected else name


def _label(node: Node) -> str:
    return f"{node.job.id} in {node.total} rooms" if node.total > 1 else node.job.id


def _origins(one: Plan) -> Mapping[str, Mapping[str, str]]:
    """The jobs of the file, each with those that it has become: by node, the job that the node is of."""
    of: dict[str, dict[str, str]] = {}
    for node in one.nodes:
        of.setdefault(f"{node.lead}{node.origin or node.job.id}", {})[node.id] = node.job.id
    return of


def _waits(node: Node, origins: Mapping[str, Mapping[str, str]]) -> str:
    """`after build, test (6 cells)`: a job in several rooms is named once, and so is a matrix that is needed whole."""
    needs: list[str] = []
    for origin, owners in origins.items():
        jobs = sorted({job for need, job in owners.items() if need in node.after})
        whole = len(jobs) > 1 and owners.keys() <= node.after
        needs += [f"{origin} ({counted(len(jobs), 'cell')})"] if whole else jobs
    return f"after {', '.join(sorted(needs))}" if needs else ""


def _tree(one: Plan, paint: Paint) -> Iterator[str]:
    """Depth first, without recursion; every job once."""
    edges = _job_edges(one)
    reduced = graph.reduction(edges)
    rank = {job: index for index, job in enumerate(reduced)}
    labels = {node.job.id: _label(node) + (" (skipped here)" if node.unmet else "") for node in one.nodes}
    depth: dict[str, int] = {}
    under: dict[str, list[str]] = {job: [] for job in reduced}
    tops: list[str] = []
    for job, needs in reduced.items():
        parent = max(needs, key=rank.__getitem__, default=None)
        depth[job] = 0 if parent is None or depth[parent] == _DEEPEST else depth[parent] + 1
        (tops if parent is None or not depth[job] else under[parent]).append(job)
    pending = [(job, "", "") for job in reversed(tops)]
    while pending:
        job, lead, branch = pending.pop()
        above = max(reduced[job], key=rank.__getitem__, default=None) if branch else None
        others = [need for need in reduced[job] if need != above]
        word = "also after" if branch else "after"
        more = f", {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        note = f"  ({word} {', '.join(others[:_NAMED])}{more})" if others else ""
        inner = lead + {"": "", paint.sign("├─ "): paint.sign("│  "), paint.sign("└─ "): "   "}[branch]
        children = under[job]
        rail = f"  {inner}{paint.sign('│  ') if children else '   '}   "
        yield from paint.wrap(paint.clean(labels[job] + note), first=f"  {lead}{branch}", indent=rail)
        for index, child in reversed(list(enumerate(children))):
            last = index == len(children) - 1
            pending.append((child, inner, paint.sign("└─ " if last else "├─ ")))


def _edges(one: Plan) -> dict[str, tuple[str, ...]]:
    order = {node.id: index for index, node in enumerate(one.nodes)}
    return {node.id: tuple(sorted(node.after, key=lambda need: order.get(need, -1))) for node in one.nodes}


def _job_edges(one: Plan) -> dict[str, tuple[str, ...]]:
    """The graph of jobs: the rooms of one job are one."""
    owners = {node.id: node.job.id for node in one.nodes}
    edges = _edges(one)
    return {
        node.job.id: tuple(dict.fromkeys(owners[need] for need in edges[node.id] if need in owners))
        for node in one.nodes
        if not node.index
    }


def _head(one: Plan) -> Choice:
    whole = (choice for choice in one.choices if choice.job is None)
    return next(whole, Choice(one.pipeline.name, None, selected=bool(one.nodes), reason=""))


def _mermaid_text(text: str) -> str:
    """Mermaid's own entities for everything that could end a label or start markup."""
    return "".join(one if one.isalnum() or one in " -_./()," else f"#{ord(one)};" for one in text)
