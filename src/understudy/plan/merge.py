"""Several pipelines that one event starts, as one graph: they are performed side by side, as on the service."""

from collections.abc import Sequence
from dataclasses import replace

from understudy.plan.plan import Node, Plan


def merge(plans: Sequence[Plan]) -> Plan:
    """One plan of all nodes; with more than one pipeline, ids are led by the pipeline's name. `plans` isn't empty.

    The names of the pipelines differ. Each node knows its own; that of the whole only has the names of all.
    """
    if len(plans) == 1:
        return plans[0]
    nodes = tuple(_led(node, plan) for plan in plans for node in plan.nodes)
    by_job = {
        f"{plan.pipeline.name}/{job}": tuple(f"{plan.pipeline.name}/{node}" for node in ids)
        for plan in plans
        for job, ids in plan.by_job.items()
    }
    pipeline = replace(
        plans[0].pipeline,
        name=" + ".join(plan.pipeline.name for plan in plans),
        jobs=tuple(node.job for node in nodes),
        env={},
        concurrency=None,
    )
    return Plan(
        pipeline,
        plans[0].facts,
        nodes,
        tuple(choice for plan in plans for choice in plan.choices),
        tuple(finding for plan in plans for finding in plan.findings),
        by_job,
    )


def _led(node: Node, plan: Plan) -> Node:
    lead = f"{plan.pipeline.name}/"
    return replace(node, id=lead + node.id, after=frozenset(lead + one for one in node.after), pipeline=plan.pipeline)
