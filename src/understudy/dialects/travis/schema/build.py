"""Short words to say forms with."""

from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.travis.schema.forms import (
    EVERYWHERE,
    Attributes,
    Choice,
    Map,
    Node,
    OneOf,
    Scalar,
    Secret,
    Sequence,
    Support,
    Words,
)


def text(*, aliases: Words = (), deprecated: str = "", only: Attributes | None = None) -> Scalar:
    """Text."""
    return Scalar(aliases=aliases, deprecated=deprecated, support=Support(only) if only else EVERYWHERE)


def flag(*, aliases: Words = (), deprecated: str = "", normal: bool = False) -> Scalar:
    """A boolean."""
    return Scalar(kind="bool", aliases=aliases, deprecated=deprecated, normal=normal)


def number() -> Scalar:
    """A number."""
    return Scalar(kind="num")


def choice(*values: str | Choice, default: str = "", downcase: bool = False, ignore_case: bool = False) -> Scalar:
    """One of `values`; a text holds several, parted by spaces."""
    choices: list[Choice] = []
    for one in values:
        choices += [one] if isinstance(one, Choice) else map(Choice, one.split())
    defaults = (Choice(default),) if default else ()
    return Scalar(choices=tuple(choices), defaults=defaults, downcase=downcase, ignore_case=ignore_case)


def secret(*, strict: bool = True, aliases: Words = ()) -> Secret:
    """An encrypted value or text; not `strict`: text is as good."""
    return Secret(strict=strict, aliases=aliases)


def several(item: Node, *, aliases: Words = ()) -> OneOf:
    """A list of `item`, or one alone."""
    return OneOf(forms=(Sequence(item=item, normal=True), item), aliases=aliases)


def texts(*, aliases: Words = (), deprecated: str = "", normal: bool = False) -> OneOf:
    """A list of texts, or one alone."""
    many = Sequence(item=OneOf(forms=(Scalar(),)), normal=True)
    return OneOf(forms=(many, Scalar()), aliases=aliases, deprecated=deprecated, normal=normal)


def secrets(*, strict: bool = True, aliases: Words = ()) -> OneOf:
    """A list of secrets, or one alone."""
    return several(secret(strict=strict), aliases=aliases)


def named(value: Node, *, aliases: Words = ()) -> OneOf:
    """`value`, or a map of such values by any name: one for each branch."""
    return OneOf(forms=(Map(rest=value, strict=False), value), aliases=aliases)


def section(keys: Mapping[str, Node], *others: Node, prefix: str = "", changes: str = "", aliases: Words = ()) -> OneOf:
    """A map of `keys`, which values of the forms `others` are brought into."""
    main = Map(keys=keys, prefix=prefix, normal=True, changes=frozenset(changes.split()), aliases=aliases)
    return OneOf(forms=(main, *others), normal=True)


def fields(line: str) -> dict[str, Node]:
    """Forms by key: `name`, `name=alias,alias:form`; the form is text where nothing else is said.

    `open` is a secret for which plain text is as good (a user's name), `named` text or a map of texts by branch.
    """
    found: dict[str, Node] = {}
    for word in line.split():
        key, _, form = word.partition(":")
        name, _, aliases = key.partition("=")
        others = tuple(aliases.split(",")) if aliases else ()
        found[name] = replace(_FORMS[form or "text"], aliases=others)
    return found


_FORMS: Mapping[str, Node] = {
    "text": text(),
    "flag": flag(),
    "number": number(),
    "secret": secret(),
    "open": secret(strict=False),
    "texts": texts(),
    "secrets": secrets(),
    "named": named(text()),
}
