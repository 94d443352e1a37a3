"""Anchors that nothing refers to."""

from understudy.dialects.github.checks.document import Document
from understudy.dialects.github.checks.report import Report
from understudy.dialects.github.notes import REUSE
from understudy.text import yaml

_RULE = f"{REUSE}#yaml-anchors-and-aliases"


def check(document: Document, report: Report) -> None:
    """What is given a name is meant to be repeated.

    See https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#yaml-anchors-and-aliases.
    """
    places: dict[int, int] = {}
    found: list[yaml.Node] = []
    stack = [document.root]
    while stack:
        node = stack.pop()
        places[id(node)] = places.get(id(node), 0) + 1
        if places[id(node)] > 1:
            continue
        if node.anchor:
            found.append(node)
        if isinstance(node, yaml.Sequence):
            stack += node.items
        elif isinstance(node, yaml.Mapping):
            stack += [one for pair in node.pairs for one in pair]
    for node in found:
        if places[id(node)] == 1:
            message = f"nothing refers to the anchor `&{node.anchor}`"
            report.add("unused-anchor", message, node.at, hint="remove it, or repeat it as an alias", rule=_RULE)
