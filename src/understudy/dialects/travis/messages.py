"""What Travis would remark on a file, in our own words: `finding(message) -> Finding`.

https://docs.travis-ci.com/user/build-config-validation/#types-of-validation-messages
"""

from collections.abc import Callable, Iterable, Iterator

from understudy.dialects.travis.normalise import Message, Value
from understudy.dialects.travis.schema.root import everyday_keys
from understudy.findings import Finding, Severity

_VALIDATION = "https://docs.travis-ci.com/user/build-config-validation/"
_CONDITIONS = "https://docs.travis-ci.com/user/conditions-v1/"
_IMPORTS = "https://docs.travis-ci.com/user/build-config-imports/"
_REFERENCE = "https://config.travis-ci.com"
_SECRETS = "https://docs.travis-ci.com/user/encryption-keys/"
_VARIABLES = "https://docs.travis-ci.com/user/environment-variables/"
_NOTIFICATIONS = "https://docs.travis-ci.com/user/notifications/"

_SEVERITIES = {
    "debug": Severity.NOTE,
    "info": Severity.NOTE,
    "warn": Severity.WARNING,
    "error": Severity.ERROR,
    "alert": Severity.WARNING,
}
_KINDS = {
    "str": "text",
    "num": "a number",
    "bool": "true or false",
    "seq": "a list",
    "map": "a map",
    "secure": "an encrypted value or text",
    "none": "nothing",
}
_LONGEST = 60

Said = tuple[str, str, str]
"""A sentence, a hint, and the page of the rule."""


def finding(message: Message) -> Finding:
    """`message` as a finding. Most errors are `tolerated`: Travis ignores the section that is wrong, and builds."""
    sentence, hint, rule = _RULES.get(message.code, _other)(message)
    severity = _SEVERITIES[message.level]
    tolerated = severity is Severity.ERROR and message.code != "unknown_import"
    return Finding(severity, message.code.replace("_", "-"), sentence, message.at, hint, rule, tolerated)


def findings(messages: Iterable[Message]) -> Iterator[Finding]:
    """`messages` as findings, without those that tell nobody anything: that a system was left to the service."""
    for message in messages:
        if message.code != "default" or message.args.get("key") == "language":
            yield finding(message)


def _shown(value: Value) -> str:
    """`value` as a person would write it, not too long."""
    text = _flow(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _flow(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if not isinstance(value, (str, bool, int, float)):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _arg(message: Message, name: str) -> str:
    return _shown(message.args.get(name))


def _section(message: Message) -> str:
    return "the file" if message.key == "root" else f"`{message.key}`"


def _alias_key(message: Message) -> Said:
    """Some keys have several names: https://docs.travis-ci.com/user/build-config-validation/#alias_key"""
    alias, key = _arg(message, "alias"), _arg(message, "key")
    return f"`{alias}` is another name for `{key}`", f"write `{key}`", f"{_VALIDATION}#alias_key"


def _alias_value(message: Message) -> Said:
    """Some values have several names: https://docs.travis-ci.com/user/build-config-validation/#alias_value"""
    alias, value = _arg(message, "alias"), _arg(message, "value")
    return f"`{alias}` is another name for `{value}`", f"write `{value}`", f"{_VALIDATION}#alias_value"


def _overwrite(message: Message) -> Said:
    """Two names of one key: https://docs.travis-ci.com/user/build-config-validation/#overwrite"""
    key, other = _arg(message, "key"), _arg(message, "other")
    sentence = f"`{key}` and `{other}` are one key, and both stand here: `{key}` wins"
    return sentence, "put everything under one of them", f"{_VALIDATION}#overwrite"


def _default(message: Message) -> Said:
    """What isn't written is filled in: https://docs.travis-ci.com/user/build-config-validation/#default"""
    key, default = _arg(message, "key"), _arg(message, "default")
    return f"without `{key}`, Travis takes `{default}`", f"write `{key}` if you want another", f"{_VALIDATION}#default"


def _deprecated_key(message: Message) -> Said:
    """Keys that go away: https://docs.travis-ci.com/user/build-config-validation/#deprecated_key"""
    key, rule = _arg(message, "key"), f"{_VALIDATION}#deprecated_key"
    if "anchor" in _arg(message, "info"):
        hint = f"begin the name with an underscore, `_{key}`: Travis takes no interest in such keys"
        rule = "https://docs.travis-ci.com/user/build-config-yaml/"
        return f"`{key}` is no key of {_section(message)}, and only holds an anchor", hint, rule
    return f"`{key}` should not be used any more", _arg(message, "info").rstrip("."), rule


def _deprecated_value(message: Message) -> Said:
    """Values that go away: https://docs.travis-ci.com/user/build-config-validation/#deprecated_value"""
    sentence = f"`{_arg(message, 'value')}` should not be used any more"
    return sentence, _arg(message, "info"), f"{_VALIDATION}#deprecated_value"


def _downcase(message: Message) -> Said:
    """Small letters where they don't matter: https://docs.travis-ci.com/user/build-config-validation/#downcase"""
    value = _arg(message, "value")
    return f"`{value}` is read in small letters", f"write `{value.lower()}`", f"{_VALIDATION}#downcase"


def _duplicate(message: Message) -> Said:
    """Names that should differ: https://docs.travis-ci.com/user/build-config-validation/#duplicate"""
    sentence = f"in {_section(message)} stands the same twice: `{_arg(message, 'values')}`"
    return sentence, "give each a name of its own", f"{_VALIDATION}#duplicate"


def _duplicate_key(message: Message) -> Said:
    """The last of equal keys counts: https://docs.travis-ci.com/user/build-config-validation/#duplicate_key"""
    sentence = f"the key `{_arg(message, 'key')}` stands twice in {_section(message)}; this one does not count"
    return sentence, "remove or rename one of them", f"{_VALIDATION}#duplicate_key"


def _edge(message: Message) -> Said:
    """What may change: https://docs.travis-ci.com/user/build-config-validation/#edge"""
    return f"`{message.key}` is experimental and may change", "", f"{_VALIDATION}#edge"


def _required(message: Message) -> Said:
    """What must be there: https://docs.travis-ci.com/user/build-config-validation/#required"""
    key = _arg(message, "key")
    return f"{_section(message)} needs the key `{key}`", f"add `{key}`", f"{_VALIDATION}#required"


def _secure(message: Message) -> Said:
    """Secrets belong encrypted: https://docs.travis-ci.com/user/encryption-keys/"""
    if "message" in message.args:
        return f"the secret in `{message.key}` must be encrypted", "put it under `secure:`", _SECRETS
    hint = (
        f"encrypt it with `travis encrypt`, or name a variable of the settings: `{message.key.split('.')[-1]}: $NAME`"
    )
    return f"`{message.key}` is a secret in plain text", hint, _SECRETS


def _invalid_secure(message: Message) -> Said:
    """What `travis encrypt` gives is Base64: https://docs.travis-ci.com/user/encryption-keys/"""
    return f"the value of `{message.key}` was not made by `travis encrypt`", "encrypt the secret anew", _SECRETS


def _empty(message: Message) -> Said:
    """Sections with nothing in them: https://docs.travis-ci.com/user/build-config-validation/#empty"""
    return f"`{message.key}` is empty", "remove it, or say what belongs there", f"{_VALIDATION}#empty"


def _corrected(message: Message) -> Said:
    """Slips of the pen that Travis repairs: https://docs.travis-ci.com/user/build-config-validation/#find_key"""
    thing = "key" if message.code.endswith("_key") else "value"
    meant = _arg(message, thing)
    sentence = (
        f"`{_arg(message, 'original')}` is no known {thing} of {_section(message)}; Travis takes it for `{meant}`"
    )
    return sentence, f"write `{meant}`", f"{_VALIDATION}#{message.code}"


def _unexpected_seq(message: Message) -> Said:
    """One value, where a list is given: https://docs.travis-ci.com/user/build-config-validation/#unexpected_seq"""
    sentence = f"`{message.key}` takes one value, not a list: Travis uses the first, `{_arg(message, 'value')}`"
    return sentence, "remove the dash", f"{_VALIDATION}#unexpected_seq"


def _unknown_key(message: Message) -> Said:
    """Keys that nothing asks for: https://docs.travis-ci.com/user/build-config-validation/#unknown_key"""
    key = str(message.args.get("key"))
    hint = "Travis ignores it: remove it, or begin its name with an underscore if other tools need it"
    if key in everyday_keys():
        hint = f"Travis knows `{key}` in other places: is it misspelled here, or indented wrongly?"
    return f"`{_shown(key)}` is no key of {_section(message)}", hint, f"{_VALIDATION}#unknown_key"


def _unknown_value(message: Message) -> Said:
    """One of a few words: https://docs.travis-ci.com/user/build-config-validation/#unknown_value"""
    sentence = f"`{_arg(message, 'value')}` is no value that `{message.key}` can have"
    return sentence, f"see {_REFERENCE} for those it can", f"{_VALIDATION}#unknown_value"


def _unknown_var(message: Message) -> Said:
    """Variables of templates: https://docs.travis-ci.com/user/notifications/"""
    return f"there is no template variable `{_arg(message, 'var')}`", "", _NOTIFICATIONS


def _unsupported(message: Message) -> Said:
    """What means nothing on a language or system: https://config.travis-ci.com"""
    where = f"{_arg(message, 'on_key')}: {_arg(message, 'on_value')}"
    sentence = f"`{_arg(message, 'key')}: {_arg(message, 'value')}` means nothing with `{where}`"
    return sentence, "remove one of them", _REFERENCE


def _invalid_type(message: Message) -> Said:
    """Lists, maps and plain values: https://docs.travis-ci.com/user/build-config-validation/#invalid_type"""
    expected, actual = (_KINDS.get(str(message.args.get(name)), "") for name in ("expected", "actual"))
    sentence = f"`{message.key}` takes {expected}, not {actual}: `{_arg(message, 'value')}`"
    return sentence, "Travis ignores it", f"{_VALIDATION}#invalid_type"


def _invalid_format(message: Message) -> Said:
    """Texts of a certain shape: https://docs.travis-ci.com/user/build-config-validation/#invalid_format"""
    sentence = f"`{_arg(message, 'value')}` has not the form that `{message.key}` must have"
    hint = "write `~> 1.0`" if message.key == "version" else f"it must match {_arg(message, 'format')}"
    return sentence, hint, f"{_VALIDATION}#invalid_format"


def _invalid_condition(message: Message) -> Said:
    """Conditions have a language of their own: https://docs.travis-ci.com/user/conditions-v1/"""
    reason = message.args.get("message")
    sentence = f"`{_arg(message, 'condition')}` is no condition" + (f": {_shown(reason)}" if reason else "")
    return sentence, "what has such a condition is never built", _CONDITIONS


def _invalid_env_var(message: Message) -> Said:
    """Variables as a shell would read them: https://docs.travis-ci.com/user/environment-variables/"""
    sentence = f"no variables can be read in `{_arg(message, 'var')}`"
    return sentence, "is there a quote that isn't closed?", _VARIABLES


def _invalid_ref(message: Message) -> Said:
    """How imports are named: https://docs.travis-ci.com/user/build-config-imports/#import-sources"""
    sentence = f"`{_arg(message, 'ref')}` names no file to import"
    return sentence, "write `path.yml`, or `owner/repository:path.yml@ref`", f"{_IMPORTS}#import-sources"


def _unknown_import(message: Message) -> Said:
    """Imported files must be there: https://docs.travis-ci.com/user/build-config-imports/"""
    return f"there is no file `{_arg(message, 'source')}` to import", "is the path from the root?", _IMPORTS


def _too_many_imports(message: Message) -> Said:
    """Imports are counted: https://docs.travis-ci.com/user/build-config-imports/"""
    return f"more than {_arg(message, 'max')} files are imported", "Travis reads no more than that", _IMPORTS


def _skip_import(message: Message) -> Said:
    """Imports may have a condition: https://docs.travis-ci.com/user/build-config-imports/#conditional-imports"""
    sentence = f"`{_arg(message, 'source')}` is not imported: `{_arg(message, 'condition')}` does not hold"
    return sentence, "", f"{_IMPORTS}#conditional-imports"


def _other(message: Message) -> Said:
    return f"Travis remarks `{message.code}` on {_section(message)}", "", _VALIDATION


_RULES: dict[str, Callable[[Message], Said]] = {
    "alias_key": _alias_key,
    "alias_value": _alias_value,
    "overwrite": _overwrite,
    "default": _default,
    "deprecated_key": _deprecated_key,
    "deprecated_value": _deprecated_value,
    "downcase": _downcase,
    "duplicate": _duplicate,
    "duplicate_key": _duplicate_key,
    "edge": _edge,
    "required": _required,
    "secure": _secure,
    "invalid_secure": _invalid_secure,
    "empty": _empty,
    **dict.fromkeys(("find_key", "find_value", "clean_key", "clean_value", "strip_key", "underscore_key"), _corrected),
    "unexpected_seq": _unexpected_seq,
    "unknown_key": _unknown_key,
    "unknown_value": _unknown_value,
    "unknown_var": _unknown_var,
    "unsupported": _unsupported,
    "invalid_type": _invalid_type,
    "invalid_format": _invalid_format,
    "invalid_condition": _invalid_condition,
    "invalid_env_var": _invalid_env_var,
    "invalid_ref": _invalid_ref,
    "unknown_import": _unknown_import,
    "too_many_imports": _too_many_imports,
    "skip_import": _skip_import,
}
