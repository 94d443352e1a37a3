"""Nodes as events tell of them, and those that a matrix becomes while a run goes on."""

from collections.abc import Iterator
from dataclasses import replace

from understudy.model.events import PlannedJob
from understudy.model.layout import every_step
from understudy.model.pipeline import Job
from understudy.plan.cells import named
from understudy.plan.expand import nodes
from understudy.plan.plan import Node


def planned(node: Node) -> PlannedJob:
    """`node` as readers of events see it."""
    every = every_step(node.job)
    return PlannedJob(
        id=node.id,
        name=node.job.name.raw,
        after=tuple(sorted(node.after)),
        steps=tuple(one.step.name.raw for one in every),
        cell=node.job.cell,
        unmet=node.unmet,
        depths=tuple(one.depth for one in every) if any(one.depth for one in every) else (),
    )


def cell_nodes(node: Node, cells: tuple[Job, ...]) -> Iterator[Node]:
    """The nodes of `cells`, which the job of `node` has become."""
    for cell in named(node.job, cells):
        for one in nodes(replace(cell, matrix=None), node.after, node.unmet, node.job):
            yield replace(one, id=node.lead + one.id, pipeline=node.pipeline)
