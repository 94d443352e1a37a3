"""CircleCI's cache keys: the small part of Go's templates that the service offers in them."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from posixpath import isabs, join, normpath

from understudy.dialects.base import EvaluationError, Scope

_ACTION = re.compile(r"\{\{(-(?=\s))?(.*?)((?<=\s)-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<field>(?:\.[A-Za-z_][A-Za-z0-9_]*)+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    )(?=\s|$)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\([abfnrtv\\\"']|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3})")
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "'": "'"}
_FIELDS = frozenset({".Branch", ".BuildNum", ".Revision", ".CheckoutKey"})
_FUNCTIONS = frozenset({"arch", "checksum", "epoch"})
_ENVIRONMENT = ".Environment."
_KNOWN = (
    '`.Branch`, `.BuildNum`, `.Revision`, `.CheckoutKey`, `.Environment.NAME`, `checksum "file"`, `epoch` and `arch`'
)
LONGEST = 900
"""Characters of a cache key. See https://circleci.com/docs/reference/configuration-reference/#savecache."""
_NO_VALUE = "<no value>"
_CHECKOUT_KEY = "checkout-key"
"""Stands for the service's own SSH key, which is not here: one name, so that keys stay the same from run to run."""


@dataclass(frozen=True, slots=True)
class _Action:
    """What stands between `{{` and `}}`: `kind` is `literal`, `field`, or a function's name."""

    kind: str
    argument: str = ""
    argument_kind: str = "literal"


def is_key_template(text: str) -> bool:
    """Whether `text` holds a template that only a cache key can: one of CircleCI's own fields or functions."""
    for found in _ACTION.finditer(text):
        word = re.match(r"\s*([.A-Za-z_][.A-Za-z0-9_]*)", found.group(2))
        if word and (word.group(1) in _FIELDS | _FUNCTIONS or word.group(1).startswith(_ENVIRONMENT)):
            return True
    return False


def problem(template: str) -> str | None:
    """Why `template` can be no cache key, None when it can: for readers, who report it with its position."""
    try:
        _parse(template)
    except EvaluationError as error:
        return error.message
    return None


def render(template: str, scope: Scope) -> str:
    """The cache key that `template` gives now. Raises EvaluationError, as the service says it in its log.

    Relative files are those of the working directory and a leading `~` is the home folder. A file that is missing is
    an error, after which the service goes on without the cache; a variable that is missing is `<no value>`.
    See https://circleci.com/docs/reference/configuration-reference/#savecache and
    https://circleci.com/docs/guides/optimize/caching/#key-templates.
    """
    key = "".join(part if isinstance(part, str) else _value(part, scope) for part in _parse(template))
    if len(key) > LONGEST:
        raise EvaluationError(f"the cache key `{key[:40]}…` has {len(key):,} characters, and {LONGEST} are the most")
    return key


def _parse(template: str) -> list[str | _Action]:
    parts: list[str | _Action] = []
    at = 0
    trim = False
    for found in _ACTION.finditer(template):
        text = template[at : found.start()]
        parts.append(_trimmed(text, left=trim, right=bool(found.group(1))))
        if action := _action(found.group(2), template):
            parts.append(action)
        trim = bool(found.group(3))
        at = found.end()
    if "{{" in template[at:]:
        raise _wrong(template, "a `{{` is never closed")
    parts.append(_trimmed(template[at:], left=trim, right=False))
    return parts


def _trimmed(text: str, *, left: bool, right: bool) -> str:
    text = text.lstrip() if left else text
    return text.rstrip() if right else text


def _wrong(template: str, why: str) -> EvaluationError:
    return EvaluationError(f"error computing cache key `{template}`: {why}")


def _tokens(body: str, template: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    end = len(body.rstrip())
    while at < end:
        found = _TOKEN.match(body, at, end)
        if not found or found.lastgroup is None:
            raise _wrong(template, f"`{body[at:end].strip()}` is not understood; known are {_KNOWN}")
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        at = found.end()
    return tokens


def _action(body: str, template: str) -> _Action | None:
    stripped = body.strip()
    if stripped.startswith("/*") and stripped.endswith("*/") and len(stripped) >= len("/**/"):
        return None
    tokens = _tokens(body, template)
    if not tokens:
        raise _wrong(template, "`{{ }}` holds nothing")
    kind, word = tokens[0]
    if kind == "name":
        return _function(word, tokens[1:], template)
    if len(tokens) > 1:
        raise _wrong(template, f"`{word}` takes no argument")
    if kind == "field":
        return _Action("field", _field(word, template))
    return _Action("literal", _unquoted(kind, word))


def _function(name: str, arguments: list[tuple[str, str]], template: str) -> _Action:
    if name not in _FUNCTIONS:
        raise _wrong(template, f"`{name}` is no function; known are {_KNOWN}")
    wanted = 1 if name == "checksum" else 0
    if len(arguments) != wanted:
        raise _wrong(template, f"`{name}` takes {wanted or 'no'} argument{'' if wanted else 's'}, not {len(arguments)}")
    if not wanted:
        return _Action(name)
    kind, word = arguments[0]
    if kind == "field":
        return _Action(name, _field(word, template), "field")
    if kind == "name":
        raise _wrong(template, f"the file of `checksum` stands in quotes, `{word}` does not")
    return _Action(name, _unquoted(kind, word))


def _field(word: str, template: str) -> str:
    if word in _FIELDS or (word.startswith(_ENVIRONMENT) and "." not in word[len(_ENVIRONMENT) :]):
        return word
    raise _wrong(template, f"`{word}` is no value; known are {_KNOWN}")


def _unquoted(kind: str, word: str) -> str:
    if kind == "raw":
        return word[1:-1]
    return _ESCAPE.sub(_unescaped, word[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found.group(1)
    if code in _LETTERS:
        return _LETTERS[code]
    return chr(int(code[1:], 16)) if code[0] in "xu" else chr(int(code, 8))


def _value(action: _Action, scope: Scope) -> str:
    argument = action.argument
    if action.kind == "literal":
        return argument
    if action.kind == "field":
        return _looked_up(argument, scope)
    if action.kind == "checksum":
        return _checksum(_looked_up(argument, scope) if action.argument_kind == "field" else argument, scope)
    return str(int(scope.now)) if action.kind == "epoch" else _architecture(scope)


def _looked_up(field: str, scope: Scope) -> str:
    if field.startswith(_ENVIRONMENT):
        name = field[len(_ENVIRONMENT) :]
        return scope.env.get(name, scope.secrets.get(name, _NO_VALUE))
    simple: dict[str, Callable[[], str]] = {
        ".Branch": lambda: "" if scope.facts.tag else scope.facts.branch or "",
        ".Revision": lambda: scope.facts.sha,
        ".BuildNum": lambda: str(scope.place.number) if scope.place else _NO_VALUE,
    }
    return simple.get(field, lambda: _CHECKOUT_KEY)()


def _checksum(path: str, scope: Scope) -> str:
    """The service's digest of a file: SHA-256 in Base64, as its logs show it."""
    place = located(path, scope)
    content = scope.read_file(place)
    if content is None:
        raise EvaluationError(f"error computing cache key: `checksum` can't open `{place}`: no such file")
    import hashlib  # noqa: PLC0415 - loads a cryptographic library

    return base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")


def located(path: str, scope: Scope) -> str:
    """Where `path` of a step is in the room: `~` is the home folder, the rest relative to the working directory."""
    home = scope.place.home if scope.place else ""
    workdir = scope.place.workdir if scope.place else ""
    return normpath(join(_under_home(workdir, home), _under_home(path, home))) if path else workdir


def _under_home(path: str, home: str) -> str:
    if home and (path == "~" or path.startswith("~/")):
        return join(home, path[2:]) if not isabs(path[2:]) else home + path[1:]
    return path


def _architecture(scope: Scope) -> str:
    """`linux-amd64-6_85`: the system, the processor, and on amd64 its family and model, as the service names them."""
    content = scope.read_file("/proc/cpuinfo") or b""
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    if "cpu family" in fields:
        return f"linux-amd64-{fields['cpu family']}_{fields.get('model', '')}"
    return "linux-arm64" if "CPU implementer" in fields else "linux-amd64"
