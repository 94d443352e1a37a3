"""What single texts of a Bitbucket file must be; each test says how a sentence about a wrong one ends."""

import re

from understudy.dialects.bitbucket.expression import ExpressionError, parse
from understudy.text.globs import GlobError, alternatives

_TEMPLATE = re.compile(r"\$\{\{.*?\}\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PIPE = re.compile(r"docker://\S+|[\w.-]+(?:/[\w.-]+)+(?::[\w.-]+|@sha256:[0-9a-f]{64})")
_IMPORT = re.compile(r"[^:@\s]+:[^:\s]+:[^:\s]+|[^:@\s]+@[^:@\s]+")
_SHA = re.compile(r"@sha256:(?![0-9a-f]{64}$)")
LONGEST_LABEL = 50
"""Letters of a label of `runs-on` and of a concurrency group, by the schema that the service publishes."""

GLOB_HINT = "`*` stays inside a folder, `**` goes beyond, `{a,b}` is either; quote one that begins with `*` or `{`"
STATE_HINT = 'compare variables (`VERSION == "1.2"`), combine with `&&`, `||` and `!`, or ask `glob(NAME, "pattern")`'


def is_late(text: str) -> bool:
    """Whether `text` has a `${{ }}`, of which is known only what it says when a pipeline is started."""
    return _TEMPLATE.search(text) is not None


def filled(text: str) -> str:
    """A text that says something."""
    return "" if text.strip() else "says nothing"


def variable(text: str) -> str:
    """The name of a variable: letters, digits and underscores of ASCII, no digit first."""
    return "" if _VARIABLE.fullmatch(text) else "must consist of letters, digits and `_`, and begin with no digit"


def image(text: str) -> str:
    """The name of a Docker image."""
    if not text.strip():
        return "names no image"
    if any(letter.isspace() for letter in text.strip()):
        return "has a blank in it, and no image's name has one"
    return "has a digest that is not 64 hexadecimal digits long" if _SHA.search(text) else ""


def pipe(text: str) -> str:
    """`account/repository:version`, or an image after `docker://`."""
    if "$" in text or _PIPE.fullmatch(text.strip()):
        return ""
    return "must be `account/repository:version` or `docker://image`"


def imported(text: str) -> str:
    """`repository:branch:pipeline`, or a pipeline `@` a source of `definitions: imports:`."""
    return "" if _IMPORT.fullmatch(text) else "must be `repository:branch:pipeline` or `pipeline@source`"


def glob(text: str) -> str:
    """A glob of branches, tags or files."""
    if not text.strip():
        return "says nothing, so that it matches nothing"
    if text.count("{") != text.count("}"):
        return "has a brace without its other half"
    try:
        alternatives(text)
    except GlobError as error:
        return f"can't be used: {error.message}"
    return ""


def label(text: str) -> str:
    """A label of a runner, or a concurrency group."""
    if not text.strip():
        return "says nothing"
    return f"has {len(text)} letters; at most {LONGEST_LABEL} are allowed" if len(text) > LONGEST_LABEL else ""


def state(text: str) -> str:
    """An expression of `condition: state:`."""
    try:
        parse(text)
    except ExpressionError as error:
        return f"is no condition: {error.message}"
    return ""
