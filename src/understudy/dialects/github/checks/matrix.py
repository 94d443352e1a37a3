"""Values of a matrix: what is there twice, and what `exclude` excludes."""

from understudy.dialects.github.checks.document import Document, has_expression, items, pairs
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.notes import SYNTAX
from understudy.text import yaml
from understudy.text.nearest import suggestion
from understudy.text.shape import shorten

_RULE = f"{SYNTAX}#jobsjob_idstrategymatrix"
_EXCLUDE_RULE = f"{SYNTAX}#jobsjob_idstrategymatrixexclude"
_SPECIAL = ("include", "exclude")


def check(document: Document, report: Report) -> None:
    """A value is there once, and what is excluded is there.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix.
    """
    for job in document.jobs:
        if not isinstance(job.matrix, yaml.Mapping):
            continue
        rows = {key.value: value for key, value in job.matrix.pairs if key.value not in _SPECIAL}
        for name, row in rows.items():
            _once(name, row, report)
        _excluded(job.matrix, rows, report)


def _once(name: str, row: yaml.Node, report: Report) -> None:
    seen: list[yaml.Node] = []
    for value in row.items if isinstance(row, yaml.Sequence) else ():
        first = next((one for one in seen if _same(one, value)), None)
        if first is None:
            seen.append(value)
        elif not _dynamic(value):
            message = f"the matrix has {_shown(value)} twice under `{name}`; the first is in line {first.at.line}"
            report.add("duplicate-value", message, value.at, rule=_RULE)


def _excluded(matrix: yaml.Mapping, rows: dict[str, yaml.Node], report: Report) -> None:
    include = matrix.get("include")
    if include is not None and any(map(_dynamic, (include, *items(matrix, "include")))):
        return
    known: dict[str, list[yaml.Node] | None] = {
        name.lower(): list(row.items) if isinstance(row, yaml.Sequence) else None for name, row in rows.items()
    }
    for entry in items(matrix, "include"):
        for key, value in pairs(entry):
            values = known.setdefault(key.value.lower(), [])
            if values is not None:
                values.append(value)
    for entry in items(matrix, "exclude"):
        for key, value in pairs(entry):
            _one_excluded(key, value, known, report)


def _one_excluded(key: yaml.Scalar, value: yaml.Node, known: dict[str, list[yaml.Node] | None], report: Report) -> None:
    if has_expression(key.value):
        return
    if key.value.lower() not in known:
        message = f"`exclude` names `{key.value}`, and the matrix has no such variable"
        hint = suggestion(key.value, known, f"it has {listed(known)}" if known else "")
        report.add("bad-exclude", message, key.at, hint=hint, rule=_EXCLUDE_RULE)
        return
    values = known[key.value.lower()]
    if values is not None and not any(_holds(one, value) for one in values):
        message = f"`exclude` names {_shown(value)} under `{key.value}`, and the matrix has no such value"
        report.add("useless-exclude", message, value.at, rule=_EXCLUDE_RULE)


def _dynamic(node: yaml.Node) -> bool:
    return isinstance(node, yaml.Scalar) and has_expression(node.value)


def _same(one: yaml.Node, other: yaml.Node) -> bool:
    match one, other:
        case yaml.Scalar(), yaml.Scalar():
            return _value(one) == _value(other)
        case yaml.Sequence(), yaml.Sequence():
            return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
        case yaml.Mapping(), yaml.Mapping():
            if sorted(one.keys()) != sorted(other.keys()):
                return False
            return all(_same(value, _under(other, key.value)) for key, value in one.pairs)
        case _:
            return False


def _holds(value: yaml.Node, part: yaml.Node) -> bool:
    """Whether `value` is what `part` asks for: of a map, some keys are enough."""
    if _dynamic(value) or _dynamic(part):
        return True
    match value, part:
        case yaml.Mapping(), yaml.Mapping():
            return all(key.value in value and _holds(_under(value, key.value), one) for key, one in part.pairs)
        case yaml.Sequence(), yaml.Sequence():
            return len(value.items) == len(part.items) and all(map(_holds, value.items, part.items))
        case _:
            return _same(value, part)


def _under(node: yaml.Mapping, key: str) -> yaml.Node:
    found = node.get(key)
    assert found is not None
    return found


def _value(node: yaml.Scalar) -> tuple[str, object]:
    """A number and a text are the same where they look so: GitHub compares them loosely."""
    value = yaml.scalar_value(node, yaml.Schema.YAML_1_2)
    if isinstance(value, bool) or value is None:
        return "word", value
    try:
        return "number", float(value)
    except ValueError:
        return "text", str(value).lower()


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.Scalar):
        return f"`{shorten(node.value)}`"
    return "a map" if isinstance(node, yaml.Mapping) else "a list"
