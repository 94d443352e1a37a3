"""Which past run, and which of its jobs, the user means."""

from fnmatch import fnmatchcase

from understudy.app.recover import is_alive
from understudy.app.stores import Stores
from understudy.cli.asked import Request
from understudy.cli.view import JobRow, RunView
from understudy.errors import InputError
from understudy.store.base import RunRow

_MOST_NAMED = 20


def chosen(stores: Stores, request: Request) -> RunRow:
    """The run that the user named by the beginning of its id, or the newest one of this repository.

    Raises InputError.
    """
    wanted = request.options.run
    if wanted is None:
        rows = stores.runs.recent(1, project=str(request.root))
        if not rows:
            raise InputError("there are no runs of this repository yet", hint="`understudy run` makes the first")
        return rows[0]
    rows = stores.runs.find(wanted)
    exact = [row for row in rows if row.id == wanted]
    if not rows:
        raise InputError(f"there is no run `{wanted}`", hint="`understudy runs` lists them")
    if len(rows) > 1 and not exact:
        names = ", ".join(row.id for row in rows[:5])
        raise InputError(f"`{wanted}` begins several runs: {names}", hint="give more of the id")
    return (exact or list(rows))[0]


def died(row: RunRow) -> bool:
    """Whether the run's program ended before it, be it noted in the store yet or not."""
    return row.interrupted or (row.outcome is None and not is_alive(row))


def is_meant(job: JobRow, wanted: str | None) -> bool:
    """Whether `job` is one of those that the user named: by id, name or glob; None names all."""
    return wanted is None or wanted in (job.id, job.name) or fnmatchcase(job.id, wanted)


def named(view: RunView) -> str:
    """The jobs of a run, for a hint."""
    names = [f"`{name}`" for name in view.jobs]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
