"""What the user asked for by name (workflow, jobs, executor, matrix cells), and what to say when there is no such."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from understudy.errors import InputError
from understudy.model.pipeline import CellValue, Job, callers_of

NOT_ASKED_FOR = "not asked for"
"""The reason of a job that the event would start and the selection leaves out."""

_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Selection:
    """What to keep of a plan; the default keeps everything that the event starts.

    `jobs`: ids, names or globs (`*`, `?`, `[...]`) of jobs; each brings the jobs it requires. `executor`: the name (or
    a glob) of the environment whose cells are kept, with what those require. `cells`: values to keep of matrix axes.
    `steps`: the first and the last step to perform of `jobs`, counted from 1.
    """

    workflow: str | None = None
    jobs: tuple[str, ...] = ()
    executor: str | None = None
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    steps: tuple[int, int] | None = None

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than whole workflows."""
        return bool(self.jobs or self.executor is not None or self.cells)

    def keeps(self, job: Job) -> bool:
        """Whether `job` is on the executor and in the cells that were asked for, or may yet have cells that are."""
        if self.executor is not None and not fnmatchcase(job.executor or "", self.executor):
            return False
        if job.matrix is not None:
            return all(may_have(job, axis) for axis in self.cells)
        return is_cell(job, self.cells)


def is_cell(job: Job, cells: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the cell of `job` has one of the values for each axis of `cells`."""
    own = _cell(job)
    return all(axis in own and _shown(own[axis]) in values for axis, values in cells.items())


def _cell(job: Job) -> Mapping[str, CellValue]:
    """The cell of `job`, with those of the calls that it is inside of."""
    found: dict[str, CellValue] = {}
    for caller in reversed(callers_of(job)):
        found |= caller.cell
    return {**found, **job.cell}


def may_have(job: Job, axis: str) -> bool:
    """Whether the matrix of `job`, which takes the results of others, may have `axis` once it is multiplied out."""
    if job.matrix is None:
        return False
    written = job.matrix.written
    return not isinstance(written, Mapping) or not {axis, "include"}.isdisjoint(written)


def matching(jobs: Iterable[Job], pattern: str) -> tuple[Job, ...]:
    """The jobs whose id, name or further name is `pattern`, or matches it as a glob."""
    jobs = tuple(jobs)
    exact = tuple(job for job in jobs if pattern in _names(job))
    return exact or tuple(job for job in jobs if any(fnmatchcase(name, pattern) for name in _names(job)))


def check(workflows: Mapping[str, Sequence[Job]], selection: Selection) -> None:
    """Raises InputError, naming the nearest and listing what there is, when `selection` names what isn't there.

    `workflows`: the jobs of each, expanded already.
    """
    if selection.workflow is not None and selection.workflow not in workflows:
        raise _unknown("workflow", selection.workflow, workflows)
    chosen = [jobs for name, jobs in workflows.items() if selection.workflow in {None, name}]
    jobs = [job for one in chosen for job in one]
    for pattern in selection.jobs:
        if not matching(jobs, pattern):
            raise _unknown_job(pattern, jobs, workflows)
    if selection.executor is not None:
        executors = _executors(jobs)
        if not any(fnmatchcase(name, selection.executor) for name in executors):
            raise _unknown("executor", selection.executor, executors)
    _check_cells(jobs, selection.cells)
    for pattern in selection.jobs:
        _check_kept(pattern, matching(jobs, pattern), selection)
    if selection.narrows and not any(selection.keeps(job) for job in jobs):
        raise InputError(f"no job is {_asked_for(selection)}", hint="leave one of them out")


def _check_cells(jobs: Sequence[Job], asked: Mapping[str, tuple[str, ...]]) -> None:
    for axis, values in asked.items():
        if any(may_have(job, axis) for job in jobs):
            continue
        cells = [_cell(job) for job in jobs]
        known = dict.fromkeys(_shown(cell[axis]) for cell in cells if axis in cell)
        if not known:
            raise _unknown("matrix axis", axis, dict.fromkeys(one for cell in cells for one in cell))
        for value in values:
            if value not in known:
                raise _unknown(f"value of the matrix axis `{axis}`", value, known)


def _check_kept(pattern: str, matches: Sequence[Job], selection: Selection) -> None:
    if any(selection.keeps(job) for job in matches):
        return
    there = _executors(matches) if selection.executor is not None else [job.id for job in matches]
    raise InputError(f"no job `{pattern}` is {_asked_for(selection)}", hint=f"there is: {_listed(there)}")


def _asked_for(selection: Selection) -> str:
    executor = [f"on the executor `{selection.executor}`"] if selection.executor is not None else []
    inside = [f"with `{axis}` {' or '.join(values)}" for axis, values in selection.cells.items()]
    return " and ".join([*executor, *inside])


def _unknown_job(pattern: str, jobs: Sequence[Job], workflows: Mapping[str, Sequence[Job]]) -> InputError:
    elsewhere = [name for name, others in workflows.items() if matching(others, pattern)]
    if elsewhere:
        return InputError(f"there is no job `{pattern}` in that workflow", hint=f"it is in: {_listed(elsewhere)}")
    shared = {name for name, count in Counter(name for job in jobs for name in job.names).items() if count > 1}
    # A name of several is short; one that is a job's alone may be no more than its number.
    called = ([name for name in job.names if name in shared] or [job.id] for job in jobs)
    return _unknown("job", pattern, dict.fromkeys(name for names in called for name in names))


def _unknown(kind: str, asked: str, known: Iterable[str]) -> InputError:
    names = list(known)
    import difflib  # noqa: PLC0415 - only for who names what isn't there

    near = difflib.get_close_matches(asked, names, n=1)
    nearest = f"did you mean `{near[0]}`? " if near else ""
    return InputError(f"there is no {kind} `{asked}`", hint=f"{nearest}there is: {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "") or "none"


def _executors(jobs: Iterable[Job]) -> list[str]:
    return list(dict.fromkeys(job.executor for job in jobs if job.executor is not None))


def _names(job: Job) -> tuple[str, ...]:
    return (job.id, job.name.raw, *job.names)


def _shown(value: object) -> str:
    """A cell's value as the file writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
