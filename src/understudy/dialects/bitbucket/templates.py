"""`${{NAME}}`: variables that the service puts into the file itself, before it reads it.

See https://support.atlassian.com/bitbucket-cloud/docs/yaml-templating/.
"""

import re
from collections.abc import Iterator, Mapping

from understudy.dialects.bitbucket import pages
from understudy.findings import Finding, Position, Severity
from understudy.model.results import Facts
from understudy.text import yaml
from understudy.text.nearest import suggestion

_TEMPLATE = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
_BUILT_IN = (
    *("BITBUCKET_WORKSPACE", "BITBUCKET_REPO_SLUG", "BITBUCKET_BRANCH", "BITBUCKET_COMMIT", "BITBUCKET_PR_ID"),
)


def filled_in(root: yaml.Node, facts: Facts) -> tuple[yaml.Node, tuple[Finding, ...]]:
    """`root` with every template replaced whose variable is known, and a finding for each of the others."""
    filler = _Filler(values(facts))
    return filler.fill(root), tuple(filler.findings)


def values(facts: Facts) -> Mapping[str, str]:
    """What templates see: the variables that are no secrets, and some of the service's own."""
    own = {
        "BITBUCKET_WORKSPACE": facts.owner,
        "BITBUCKET_REPO_SLUG": facts.repository,
        "BITBUCKET_BRANCH": facts.branch or "",
        "BITBUCKET_COMMIT": facts.sha,
        "BITBUCKET_PR_ID": str(facts.pull_request or ""),
    }
    return {**facts.variables, **own}


class _Filler:
    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._done: dict[int, tuple[yaml.Node, yaml.Node]] = {}
        self.findings: list[Finding] = []

    def fill(self, node: yaml.Node) -> yaml.Node:
        """`node` itself where it holds no template, so that aliases stay one node."""
        if isinstance(node, yaml.Scalar):
            return self._scalar(node)
        done = self._done.get(id(node))
        if done is not None:
            return done[1]
        made = self._sequence(node) if isinstance(node, yaml.Sequence) else self._mapping(node)
        self._done[id(node)] = (node, made)
        return made

    def _sequence(self, node: yaml.Sequence) -> yaml.Node:
        items = tuple(self.fill(item) for item in node.items)
        return node if _same(items, node.items) else yaml.Sequence(items, node.at)

    def _mapping(self, node: yaml.Mapping) -> yaml.Node:
        filled = tuple(self.fill(value) for _, value in node.pairs)
        if _same(filled, tuple(value for _, value in node.pairs)):
            return node
        return yaml.Mapping(tuple((key, value) for (key, _), value in zip(node.pairs, filled, strict=True)), node.at)

    def _scalar(self, node: yaml.Scalar) -> yaml.Scalar:
        if "${{" not in node.value:
            return node
        self.findings += self._unknown(node.value, node.at)
        value = _TEMPLATE.sub(lambda found: self._known.get(found[1], found[0]), node.value)
        return node if value == node.value else yaml.Scalar(value, node.at, node.plain, node.tag)

    def _unknown(self, text: str, at: Position) -> Iterator[Finding]:
        for name in dict.fromkeys(_TEMPLATE.findall(text)):
            if name not in self._known:
                message = f"the template `${{{{{name}}}}}` is not filled in: no variable `{name}` is given"
                hint = suggestion(name, _BUILT_IN, f"give it with `--var {name}=VALUE`, or in understudy.toml")
                yield Finding(Severity.UNSUPPORTED, "template-not-given", message, at, hint, pages.TEMPLATES)


def _same(some: tuple[yaml.Node, ...], others: tuple[yaml.Node, ...]) -> bool:
    return all(one is other for one, other in zip(some, others, strict=True))
