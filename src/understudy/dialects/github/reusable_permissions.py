"""What a called workflow may ask for: never more than the job that calls it has."""

from collections.abc import Mapping as Table

from understudy.dialects.github.nodes import entries, is_null, text_of
from understudy.dialects.github.structure_texts import ANY_SCOPES, READ_SCOPES, WRITE_SCOPES
from understudy.text.yaml import Mapping, Node, Scalar

_LEVELS = {"none": 0, "read": 1, "write": 2}
_NAMES = {level: name for name, level in _LEVELS.items()}
_SCOPES = (*ANY_SCOPES, *WRITE_SCOPES, *READ_SCOPES)

Permissions = Table[str, int]
"""What the token may do, by scope: 0 nothing, 1 read, 2 write. A scope that is missing is 0."""

RESTRICTED: Permissions = {"contents": 1, "packages": 1}
"""Where neither file says anything, unless a repository is set to give more.

See https://docs.github.com/en/actions/reference/security/github_token.
"""


def read_permissions(node: Node | None) -> Permissions | None:
    """What `permissions` gives; None where it isn't said (or not in a way that is understood).

    See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions.
    """
    if isinstance(node, Scalar):
        level = {"read-all": 1, "write-all": 2}.get(text_of(node))
        if level is None:
            return {} if not is_null(node) and not text_of(node) else None
        return {scope: min(level, 1) if scope in READ_SCOPES else level for scope in _SCOPES}
    if not isinstance(node, Mapping):
        return None
    return {key.value: _LEVELS.get(text_of(value), 0) for key, value in entries(node) if isinstance(value, Scalar)}


def beyond(asked: Permissions, allowed: Permissions) -> tuple[str, str]:
    """What of `asked` goes beyond `allowed`, and what is allowed there: `actions: write` and `actions: read`."""
    scopes = [scope for scope in _SCOPES if asked.get(scope, 0) > allowed.get(scope, 0)]
    wanted = ", ".join(f"{scope}: {_NAMES[asked[scope]]}" for scope in scopes)
    return wanted, ", ".join(f"{scope}: {_NAMES[allowed.get(scope, 0)]}" for scope in scopes)
