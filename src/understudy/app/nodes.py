"""Node.js for jobs that want one, where a room may have none: kept in the store, and fetched when first wanted."""

import threading
import time
from collections.abc import Callable
from functools import cache

from understudy.app import kept
from understudy.config import Settings
from understudy.dialects.base import EvaluationError, Scope
from understudy.dialects.github import GITHUB
from understudy.dialects.github.actions.needs_node import LAID, wanted
from understudy.engine.given import Shown
from understudy.errors import MachineError
from understudy.model.pipeline import Job, Text
from understudy.plan.plan import Plan
from understudy.runtimes import nodes
from understudy.runtimes.base import Tree

_ON_THIS_MACHINE = frozenset({"sandbox", "plain"})


def shower(plan: Plan, runtime: str, settings: Settings) -> Shown:
    """Gives the folder of kept programs to each job that wants Node; one that is not kept yet is fetched.

    Not where the room has this machine's own programs and its Node will do. With `settings.offline`, and for a few
    minutes after a try that failed, nothing is fetched.
    """
    pipelines = {node.job.id: node.pipeline or plan.pipeline for node in plan.nodes}
    folder = settings.store / "node"
    lock = threading.Lock()
    of_machine = cache(nodes.of_machine)

    def value(job: Job, text: Text) -> str:
        pipeline = pipelines.get(job.id, plan.pipeline)
        try:
            return GITHUB.evaluate(text, Scope(plan.facts, pipeline=pipeline, job=job, cell=job.cell))
        except EvaluationError:
            return ""

    def show(job: Job, tell: Callable[[str], None]) -> tuple[Tree, ...]:
        versions = wanted(job, lambda text: value(job, text))
        own = of_machine() if versions and runtime in _ON_THIS_MACHINE else None
        lacking = [one for one in versions if own is None or nodes.fitting(one, (own,)) is None]
        if not lacking:
            return ()
        with lock:
            for one in lacking:
                if nodes.fitting(one, nodes.kept(folder)) is None and not settings.offline:
                    _fetch(one, settings, tell)
        found = (nodes.fitting(one, nodes.kept(folder)) for one in lacking)
        return tuple(Tree(folder / one, f"{LAID}/{one}") for one in dict.fromkeys(found) if one)

    return show


def _fetch(version: str, settings: Settings, tell: Callable[[str], None]) -> None:
    folder = settings.store / "node"
    name = f"Node {version}".strip()
    if name in kept.silent(folder, time.time()).splitlines():
        tell(f"{name} is not fetched: a few minutes ago it could not be")
        return
    tell(f"{name} is fetched, once, as the Python package {nodes.PACKAGE}")
    try:
        tell(f"Node {nodes.fetch(version, folder, settings.room_env)} is kept in {folder}")
    except MachineError as error:
        tell(error.message)
        kept.note_silent(folder, f"{kept.silent(folder, time.time())}\n{name}".strip())
