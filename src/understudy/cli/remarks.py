"""What steps remarked on, and the summaries they wrote for people."""

from collections.abc import Iterator

from understudy.cli.paint import Paint, counted
from understudy.cli.view import RunView
from understudy.model.events import Annotated

_MOST = 50
_COLOURS = {"error": "failed", "warning": "cancelled"}


def annotation_lines(view: RunView, paint: Paint) -> list[str]:
    """The annotations of a run under a heading, each once however many jobs have it; debug ones are in the logs."""
    owners: dict[tuple[str, str], dict[str, None]] = {}
    for row in view.jobs.values():
        for one in row.annotations:
            if one.level != "debug":
                owners.setdefault((one.level, annotation(one)), {}).update({row.id: None})
    lines = ["annotations:"] if owners else []
    for (level, text), jobs in list(owners.items())[:_MOST]:
        where = counted(len(jobs), "job") if len(jobs) > 1 else next(iter(jobs))
        first = f"  - {paint.styled(paint.clean(level), _COLOURS.get(level, 'dim'))}: "
        lines += paint.wrap(paint.clean(f"{text} (in {where})"), first=first, indent="    ")
    if len(owners) > _MOST:
        lines.append(f"  and {len(owners) - _MOST} more")
    return lines


def annotation(event: Annotated) -> str:
    """`src/a.py:3:7: title: message`, of which all but the message may be missing; on one line."""
    numbers = [str(number) for number in (event.line, event.column if event.line else None) if number]
    place = ":".join((event.file, *numbers)) if event.file else ""
    said = " ".join(event.message.split())
    return ": ".join(part for part in (place, event.title, said) if part)


def written_lines(view: RunView, paint: Paint) -> Iterator[str]:
    """The summaries that steps wrote, each under the name of its job, as they wrote them."""
    for row in view.jobs.values():
        if row.summaries:
            yield ""
            yield paint.styled(f"summary of {paint.clean(row.id)}", "bold")
            for one in row.summaries:
                yield from (f"  {paint.clean(line)}" for line in one.text.splitlines())
