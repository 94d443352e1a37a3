"""The condition of a step or a stage as the model has it."""

from understudy.dialects.bitbucket.nodes import member, text_of, texts
from understudy.model.pipeline import Condition, Patterns
from understudy.model.results import Outcome
from understudy.text import yaml

GOES_ON = frozenset({Outcome.PASSED, Outcome.SKIPPED})
"""What must have become of all that goes before: a step that its condition skips keeps nothing back."""

ALWAYS_NEXT = Condition(after=GOES_ON)


def condition_of(node: yaml.Node | None) -> Condition:
    """What `condition` asks. See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Condition."""
    if node is None:
        return ALWAYS_NEXT
    changesets = member(node, "changesets")
    included, excluded = texts(member(changesets, "includePaths")), texts(member(changesets, "excludePaths"))
    paths = Patterns(included or None, excluded) if included or excluded else None
    return Condition(after=GOES_ON, expression=text_of(member(node, "state")), paths=paths)
