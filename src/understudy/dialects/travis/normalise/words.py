"""What a plain word of a `.travis.yml` means: Travis reads YAML with Ruby's library and keeps some words as text."""

import re

from understudy.text import yaml

Plain = None | bool | int | float | str

_KEPT = re.compile(r"yes|no|on|off")
_FLOAT = re.compile(r"^(?:[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][+-][0-9]+)?)$", re.MULTILINE)
_WORDS = {"~": None, "null": None, "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LONGEST_WORD = 5
_SYMBOL = re.compile(r":.")
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}")
_BINARY = re.compile(r"[-+]?0b[_,]*[01][01_,]*")
_OCTAL = re.compile(r"[-+]?0[_,]*[0-7][0-7_,]*")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)")
_HEXADECIMAL = re.compile(r"[-+]?0x[_,]*[0-9a-fA-F][0-9a-fA-F_,]*")
_LONGEST_NUMBER = 400
_BASES: tuple[tuple[re.Pattern[str], int], ...] = ((_BINARY, 2), (_DECIMAL, 10), (_OCTAL, 8), (_HEXADECIMAL, 16))


def meaning(node: yaml.Scalar) -> Plain:
    """What `node` means to Travis.

    Numbers with a point stay text, so that `3.10` isn't 3.1; so do `yes`, `no`, `on` and `off` in small letters, which
    are taken for booleans only where one belongs. https://docs.travis-ci.com/user/languages/python/
    """
    if node.tag == yaml.MISSING:
        return None
    if not node.plain or (node.tag or "").endswith(":str"):
        return node.value
    return _plain(node.value)


def _plain(word: str) -> Plain:
    if not word:
        return None
    if _KEPT.search(word) or len(word) > _LONGEST_NUMBER or _FLOAT.search(word):
        return word
    if len(word) <= _LONGEST_WORD and word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if _SYMBOL.match(word):
        return word[1:].strip("\"'")
    return _number(word)


def _number(word: str) -> Plain:
    if _CLOCK.fullmatch(word):
        hours, minutes, *seconds = (int(part) for part in word.split(":"))
        return hours * 3600 + minutes * 60 + sum(seconds)
    bare = word.replace(",", "").replace("_", "")
    for shape, base in _BASES:
        if shape.fullmatch(word):
            return int(bare, base)
    return word
