"""Findings as text: the place, the words, the line itself with a caret, what to do; all of them, then how many."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypedDict

from understudy.cli.paint import Paint, counted, width_of
from understudy.findings import NOWHERE, Finding, Position, Severity, in_order

# Those that YAML 1.1 counts lines by, and no more: str.splitlines would break at form feeds too.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

Source = Callable[[str], str | None]
"""The text of a file by the name that positions have for it; None when it isn't at hand."""


class FindingJson(TypedDict):
    """A finding as data; `line` and `column` count from 1, 0 means the file as a whole, `file` may be empty."""

    severity: str
    code: str
    message: str
    file: str
    line: int
    column: int
    hint: str
    rule: str
    tolerated: bool


def finding_json(one: Finding) -> FindingJson:
    """`one` as data for `--json`."""
    return {
        "severity": one.severity.value,
        "code": one.code,
        "message": one.message,
        "file": one.at.file,
        "line": one.at.line,
        "column": one.at.column,
        "hint": one.hint,
        "rule": one.rule,
        "tolerated": one.tolerated,
    }


def finding_lines(
    findings: Iterable[Finding], source: Source, paint: Paint, *, wrap: bool = False, most: int | None = None
) -> list[str]:
    """Every finding once, by file and place, and a last line that counts them; nothing for no findings.

    `most`: of more than that the gravest are shown, and all are counted.

    The first line of each is whole however long it is, for programs that look for it, unless they are to `wrap`. What
    is no error and is said of several places is shown at the first, with the lines of the others.
    """
    ordered = in_order(findings)
    cached: dict[str, list[str]] = {}
    lines: list[str] = []
    together = _together(ordered)
    for one, others in _gravest(together, most) if most is not None else together:
        if one.at.file not in cached:
            text = source(one.at.file) if one.at.file else None
            cached[one.at.file] = _LINE_BREAK.split(text.removeprefix("\ufeff")) if text is not None else []
        lines += [*_one(one, cached[one.at.file], paint, wrap=wrap), *_also(one.at, others, paint), ""]
    counts = count_line(ordered, paint)
    if most is not None and len(together) > most:
        counts += f"; the gravest {most} are shown"
    return [*lines, counts] if lines else []


def count_line(findings: Iterable[Finding], paint: Paint) -> str:
    """`2 errors, 1 warning in 2 files`."""
    unique = in_order(findings)
    counts = Counter(one.severity for one in unique)
    nouns = {severity: severity.value for severity in Severity}
    parts = [
        paint.styled(_count(counts[severity], noun), severity.value)
        for severity, noun in nouns.items()
        if counts[severity]
    ]
    files = len({one.at.file for one in unique if one.at.file})
    return ", ".join(parts) + (f" in {counted(files, 'file')}" if files > 1 else "")


def short_finding(one: Finding, paint: Paint) -> str:
    """A finding on one line, for a log: `warning: message (hint)`."""
    hint = f" ({one.hint})" if one.hint else ""
    return f"{paint.styled(one.severity.value, one.severity.value)}: {paint.clean(one.message + hint)}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if noun == Severity.UNSUPPORTED.value else counted(count, noun)


def _together(ordered: Iterable[Finding]) -> list[tuple[Finding, list[Position]]]:
    """Each finding that says something new, and where else just that is to be said; every error alone."""
    found: dict[Finding, tuple[Finding, list[Position]]] = {}
    for one in ordered:
        said = one if one.severity is Severity.ERROR else replace(one, at=NOWHERE)
        first, others = found.setdefault(said, (one, []))
        if first is not one:
            others.append(one.at)
    return list(found.values())


def _gravest(together: Sequence[tuple[Finding, list[Position]]], most: int) -> list[tuple[Finding, list[Position]]]:
    """Those of the highest severity, the first of equals; in the order that they stand in."""
    order = list(Severity)
    ranked = sorted(range(len(together)), key=lambda index: order.index(together[index][0].severity))
    return [together[index] for index in sorted(ranked[:most])]


def _also(at: Position, others: Iterable[Position], paint: Paint) -> Iterator[str]:
    by_file: dict[str, dict[int, None]] = {}
    for place in others:
        by_file.setdefault(place.file, {})[place.line] = None
    for file, lines in by_file.items():
        where = "" if file == at.file else f"{file}, "
        word = "line" if len(lines) == 1 else "lines"
        text = f"{where}{word} {', '.join(map(str, lines))}"
        yield from paint.wrap(paint.clean(text), first="  also: ", indent="        ")


def _one(one: Finding, source: list[str], paint: Paint, *, wrap: bool) -> Iterator[str]:
    place = f"{paint.clean(str(one.at))}: " if one.at.file else ""
    word = paint.styled(one.severity.value, one.severity.value)
    code = paint.styled(f"[{one.code}]", "dim")
    head = f"{paint.styled(place, 'bold')}{word}: {paint.clean(one.message)} {code}"
    yield from paint.wrap(head, indent="  ", first="") if wrap else (head,)
    if 0 < one.at.line <= len(source):
        yield from _excerpt(source[one.at.line - 1], one.at.line, one.at.column, paint)
    if one.hint:
        yield from paint.wrap(paint.clean(one.hint), first="  hint: ", indent="        ")
    if one.rule:
        yield f"  rule: {paint.clean(one.rule)}"


def _excerpt(raw: str, number: int, column: int, paint: Paint) -> Iterator[str]:
    """The source line and a caret below its column; of a long line, the part around it."""
    gutter = f"  {number} {paint.sign('│')} "
    room = max(20, paint.width - len(gutter))
    # The part before the caret is measured as it will be shown: tabs and escapes take several columns.
    before = paint.clean(raw[: max(0, column - 1)])
    shown = paint.clean(raw)
    cut = 0
    ellipsis = paint.sign("…")
    while width_of(before[cut:]) > room * 2 // 3:
        cut += max(1, room // 3)
    start = ellipsis if cut else ""
    visible = paint.fit(start + shown[cut:], room)
    yield paint.styled(gutter, "dim") + visible
    if column > 0:
        margin = " " * (len(gutter) - 2) + paint.sign("│") + " "
        caret = " " * (width_of(start) + width_of(before[cut:])) + "^"
        yield paint.styled(margin, "dim") + paint.styled(caret, "error")
