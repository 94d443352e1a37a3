"""The number of every step of a job: logs and events of the inner steps of groups, and of after-job steps, bear one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from understudy.model.pipeline import Group, Job, Step


@dataclass(frozen=True, slots=True)
class Laid:
    """A step in its place: its `index` in the job, from 0; how many groups hold it; those inside of it, and after it.

    `after`: its own `after_job` steps. They are numbered as they are performed when every step is: behind all others,
    those of the last step first.
    """

    index: int
    depth: int
    step: Step
    inner: tuple["Laid", ...] = ()
    after: tuple["Laid", ...] = ()


def laid_out(job: Job) -> tuple[Laid, ...]:
    """The steps of `job`, each with those inside of it and after it."""
    numbers = count()
    main = tuple(_numbered(step, numbers, 0) for step in job.steps)
    after = {one.index: tuple(_numbered(step, numbers, 0) for step in one.step.after_job) for one in _backwards(main)}
    return tuple(_with_after(one, after) for one in main)


def laid_anew(one: Laid, step: Step, numbers: Iterator[int]) -> Laid:
    """`step` in the place of `one`, with `numbers` for what is inside of it and after it."""
    inner = step.action.steps if isinstance(step.action, Group) else ()
    laid = Laid(one.index, one.depth, step, tuple(_numbered(each, numbers, one.depth + 1) for each in inner))
    after = {
        each.index: tuple(_numbered(step, numbers, 0) for step in each.step.after_job) for each in _backwards((laid,))
    }
    return _with_after(laid, after)


def every_step(job: Job) -> tuple[Laid, ...]:
    """Every step of `job`, inner and after-job ones included, by index."""
    every = tuple(_forwards(laid_out(job)))
    return tuple(
        sorted((*every, *(inner for one in every for inner in _forwards(one.after))), key=lambda one: one.index)
    )


def _numbered(step: Step, numbers: Iterator[int], depth: int) -> Laid:
    index = next(numbers)
    inner = step.action.steps if isinstance(step.action, Group) else ()
    return Laid(index, depth, step, tuple(_numbered(one, numbers, depth + 1) for one in inner))


def _with_after(one: Laid, after: dict[int, tuple[Laid, ...]]) -> Laid:
    inner = tuple(_with_after(each, after) for each in one.inner)
    return Laid(one.index, one.depth, one.step, inner, after[one.index])


def _forwards(steps: tuple[Laid, ...]) -> Iterator[Laid]:
    for one in steps:
        yield one
        yield from _forwards(one.inner)


def _backwards(steps: tuple[Laid, ...]) -> tuple[Laid, ...]:
    return tuple(reversed(tuple(_forwards(steps))))
