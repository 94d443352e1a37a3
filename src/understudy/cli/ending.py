"""What the summary of a run needs to know of logs, and the commands that it tells people to type."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from understudy.app.stores import Stores
from understudy.cli.retype import command_for, typed
from understudy.cli.summary import Ending
from understudy.plan.plan import Plan

_TAIL_BYTES = 256 * 1024


def ending_of(options: Namespace, stores: Stores, run: str, plans: Sequence[Plan]) -> Ending:
    """What the summary of `run` asks; `options` are those that it was started with."""

    def path(job: str, step: int) -> Path:
        return stores.runs.log(run, job, step)

    def tail(job: str, step: int) -> list[str]:
        try:
            with path(job, step).open("rb") as stream:
                stream.seek(0, 2)
                stream.seek(max(0, stream.tell() - _TAIL_BYTES))
                return stream.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return []

    def look(job: str) -> str:
        return typed(options, "logs", run, job)

    def approved(job: str) -> str:
        return command_for(options, options.workflow, options.job, "--approve", job)

    whole = command_for(options, options.workflow, options.job)
    more = [(typed(options, "show", run), "its steps"), (typed(options, "logs", run), "all that they printed")]
    return Ending(lambda job, step: str(path(job, step)), tail, _again(options, plans), look, approved, whole, more)


def _again(options: Namespace, plans: Sequence[Plan]) -> Callable[[str], str]:
    """The command that performs just one job again, with the same event."""
    owners: Mapping[str, tuple[str, str]] = {
        name: (plan.pipeline.name, node.job.id)
        for plan in plans
        for node in plan.nodes
        for name in (node.id, f"{plan.pipeline.name}/{node.id}")
    }

    def again(job: str) -> str:
        # A cell that came while the run went on can't be asked for, but its job can.
        known = next((one for one in owners if job.startswith(f"{one} (")), job)
        workflow, name = owners.get(job) or owners.get(known) or (options.workflow, job)
        return command_for(options, workflow, [name])

    return again
