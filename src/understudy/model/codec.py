"""Frozen dataclasses to values that JSON can hold, and back; it goes by their annotations and knows no type by name.

A dataclass becomes an object by field name (with its class name under `class` where several could stand there), an
Enum its value, tuples and frozensets (sorted) lists, a Mapping an object, or a list of pairs where its keys aren't
`str`, bytes base64 text, a path text, and a float that JSON has no word for `{"float": "nan"}`.
"""

import base64
import binascii
import dataclasses
import json
import math
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, TypeVar, Union, overload

TAG = "class"
"""The key of a class name: a word of Python's own, so no field can bear it."""

MAPPING = "mapping"
"""The key of a Mapping that could be taken for a dataclass."""

_T = TypeVar("_T")
_Convert = Callable[[Any], Any]


class _WrongError(ValueError):
    """What is wrong, and the way to it: its parts are put before it on the way out."""

    def __init__(self, message: str, way: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way = way


class _Form(NamedTuple):
    """How values of one annotation are written and read: `made_of` are their classes, `found_as` those of the data."""

    encode: _Convert
    decode: _Convert
    made_of: tuple[type, ...]
    found_as: tuple[type, ...]


def encode(value: object) -> Any:
    """`value` (a dataclass, or tuples, lists and mappings of them) as JSON-able data; dataclasses bear their class.

    Raises TypeError for an annotation or a value that has no form as data.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {TAG: type(value).__name__, **_form_of(value).encode(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(one) for key, one in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [encode(one) for one in value]
    return _form_of(value).encode(value)


@overload
def decode(kind: type[_T], data: object) -> _T: ...


@overload
def decode(kind: Any, data: object) -> Any: ...


def decode(kind: Any, data: object) -> Any:
    """The value of `kind` (a class, or a union such as `Event`) that `data` stands for.

    Fields that `kind` doesn't have are ignored, missing ones take their defaults. Raises ValueError with the path of
    what is wrong, TypeError for a `kind` that has no form as data.
    """
    try:
        return _form(kind).decode(data)
    except _WrongError as error:
        where = error.way.lstrip(".") or "the whole"
        raise ValueError(f"`{where}`: {error.message}") from None


def _same(value: Any) -> Any:
    return value


def _seen(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _expect(kind: type[_T], data: object) -> _T:
    if type(data) is not kind:
        raise _WrongError(f"expected {kind.__name__}, found {_seen(data)}")
    return data


def _within(part: str, convert: _Convert, data: Any) -> Any:
    try:
        return convert(data)
    except _WrongError as error:
        error.way = part + error.way
        raise


def _form_of(value: object) -> _Form:
    kind: Any = type(value)
    return _form(kind)


@cache
def _form(kind: Any) -> _Form:
    if isinstance(kind, str | typing.ForwardRef):
        return _form_to_come(kind if isinstance(kind, str) else kind.__forward_arg__)
    origin = typing.get_origin(kind) or kind
    if origin in (Union, types.UnionType):
        return _union_form(typing.get_args(kind))
    if origin is Literal:
        return _choice_form(typing.get_args(kind))
    if origin in _PLAIN_FORMS:
        return _PLAIN_FORMS[origin]
    if isinstance(origin, type):
        if dataclasses.is_dataclass(origin):
            return _object_form(origin)
        for base, make in _FORMS_BY_BASE:
            if issubclass(origin, base):
                return make(kind, origin)
    raise TypeError(f"`{kind}` has no form as data")


_NAMESPACES: dict[str, Mapping[str, Any]] = {}
"""What the modules of the dataclasses so far define: an alias that holds itself stands there as a name."""


def _form_to_come(name: str) -> _Form:
    """The form of an alias within itself: asked for at the first use, when that of the alias is there."""

    def meant() -> _Form:
        return _form(next(space[name] for space in _NAMESPACES.values() if name in space))

    return _Form(lambda value: meant().encode(value), lambda data: meant().decode(data), (), ())


def _plain_form(kind: type) -> _Form:
    return _Form(_same, lambda data: _expect(kind, data), (kind,), (kind,))


def _encode_float(value: float) -> Any:
    return value if type(value) is int or math.isfinite(value) else {"float": repr(float(value))}


def _decode_float(data: object) -> float:
    if isinstance(data, dict) and data.get("float") in ("nan", "inf", "-inf"):
        return float(data["float"])
    # Other writers of JSON drop the point of 3.0.
    return float(data) if type(data) is int else _expect(float, data)


def _decode_bytes(data: object) -> bytes:
    try:
        return base64.b64decode(_expect(str, data), validate=True)
    except binascii.Error:
        raise _WrongError(f"expected base64 text, found {_seen(data)}") from None


_PLAIN_FORMS: dict[Any, _Form] = {
    str: _plain_form(str),
    int: _plain_form(int),
    bool: _plain_form(bool),
    None: _plain_form(type(None)),
    type(None): _plain_form(type(None)),
    float: _Form(_encode_float, _decode_float, (float, int), (float, int, dict)),
    bytes: _Form(lambda value: base64.b64encode(value).decode("ascii"), _decode_bytes, (bytes,), (str,)),
    Any: _Form(_same, _same, (object,), (dict, list, str, int, float, bool, type(None))),
}


def _path_form(_: Any, origin: type) -> _Form:
    return _Form(str, lambda data: origin(_expect(str, data)), (PurePath,), (str,))


def _choice_form(choices: tuple[Any, ...]) -> _Form:
    def decode_choice(data: Any) -> Any:
        if not any(type(data) is type(one) and data == one for one in choices):
            raise _WrongError(f"expected one of {', '.join(map(str, choices))}, found {_seen(data)}")
        return data

    kinds = tuple({type(one) for one in choices})
    return _Form(_same, decode_choice, kinds, kinds)


def _enum_form(_: Any, origin: Any) -> _Form:
    by_value = {(type(one.value), one.value): one for one in origin}

    def decode_member(data: Any) -> Any:
        try:
            return by_value[type(data), data]
        except (KeyError, TypeError):
            known = ", ".join(str(one.value) for one in origin)
            raise _WrongError(f"expected one of {known}, found {_seen(data)}") from None

    return _Form(lambda value: value.value, decode_member, (origin,), tuple({of for of, _ in by_value}))


def _object_form(origin: type) -> _Form:
    def encode_object(value: Any) -> dict[str, Any]:
        return {name: form.encode(getattr(value, name)) for name, form, _ in _fields(origin)}

    def decode_object(data: Any) -> Any:
        given = _expect(dict, data)
        if given.get(TAG, origin.__name__) != origin.__name__:
            raise _WrongError(f"expected {origin.__name__}, found {_seen(given[TAG])}")
        values = {}
        for name, form, required in _fields(origin):
            if name in given:
                values[name] = _within(f".{name}", form.decode, given[name])
            elif required:
                raise _WrongError("is missing", f".{name}")
        return origin(**values)

    return _Form(encode_object, decode_object, (origin,), (dict,))


@cache
def _fields(origin: Any) -> tuple[tuple[str, _Form, bool], ...]:
    """The name and form of each field that the constructor takes, and whether it must be given.

    Asked for at the first use and not when a form is made: a dataclass may hold its own kind.
    """
    _NAMESPACES[origin.__module__] = vars(sys.modules[origin.__module__])
    hints = typing.get_type_hints(origin)
    unset = dataclasses.MISSING
    return tuple(
        (one.name, _form(hints[one.name]), one.default is unset and one.default_factory is unset)
        for one in dataclasses.fields(origin)
        if one.init
    )


def _sequence_form(kind: Any, origin: type) -> _Form:
    arguments = typing.get_args(kind) or (Any,)
    if origin is tuple and arguments[-1] is not Ellipsis and typing.get_args(kind):
        return _row_form(arguments)
    item = _form(arguments[0])
    make: type = origin if issubclass(origin, tuple | list | frozenset | set) else tuple

    def encode_items(value: Any) -> list[Any]:
        items = [item.encode(one) for one in value]
        # A set has no order of its own, and equal values should give equal data.
        return sorted(items, key=json.dumps) if issubclass(make, frozenset | set) else items

    def decode_items(data: Any) -> Any:
        return make(_within(f"[{index}]", item.decode, one) for index, one in enumerate(_expect(list, data)))

    return _Form(encode_items, decode_items, (origin,), (list,))


def _row_form(arguments: tuple[Any, ...]) -> _Form:
    forms = [_form(one) for one in arguments]

    def decode_row(data: Any) -> tuple[Any, ...]:
        given = _expect(list, data)
        if len(given) != len(forms):
            raise _WrongError(f"expected {len(forms)} items, found {len(given)}")
        return tuple(
            _within(f"[{index}]", form.decode, one) for index, (form, one) in enumerate(zip(forms, given, strict=True))
        )

    return _Form(
        lambda value: [form.encode(one) for form, one in zip(forms, value, strict=True)],
        decode_row,
        (tuple,),
        (list,),
    )


def _mapping_form(kind: Any, _: type) -> _Form:
    of_key, of_value = typing.get_args(kind) or (str, Any)
    item = _form(of_value)
    if of_key is not str:
        pair = _row_form((of_key, of_value))
        return _Form(
            lambda value: [pair.encode(one) for one in value.items()],
            lambda data: dict(_within(f"[{index}]", pair.decode, one) for index, one in enumerate(_expect(list, data))),
            (Mapping,),
            (list,),
        )
    return _Form(
        lambda value: {name: item.encode(one) for name, one in value.items()},
        lambda data: {name: _within(f"[{name}]", item.decode, one) for name, one in _expect(dict, data).items()},
        (Mapping,),
        (dict,),
    )


def _union_form(members: tuple[Any, ...]) -> _Form:
    """One of several. Where an object could be a dataclass or a Mapping, the latter is in another, under MAPPING."""
    several = any(map(dataclasses.is_dataclass, members))
    forms = [_wrapped(_form(one)) if several and _is_mapping(one) else _form(one) for one in members]
    objects = {_called(one): form for one, form in zip(members, forms, strict=True) if dataclasses.is_dataclass(one)}
    plain = next((form for one, form in zip(members, forms, strict=True) if _is_mapping(one)), None)
    tagged = len(objects) > 1 or (bool(objects) and plain is not None)
    by_data = _tell_apart(members, forms, tagged=tagged)

    def encode_member(value: Any) -> Any:
        kind = type(value)
        form = next((one for one in forms if kind in one.made_of), None)
        form = form or next((one for one in forms if isinstance(value, one.made_of)), None)
        if form is None:
            raise TypeError(f"`{kind.__name__}` is none of {members}")
        data = form.encode(value)
        return {TAG: kind.__name__, **data} if tagged and kind.__name__ in objects else data

    def decode_member(data: Any) -> Any:
        form = by_data.get(type(data))
        if isinstance(data, dict) and tagged:
            form = plain if MAPPING in data else objects.get(str(data.get(TAG)))
        if form is None:
            raise _WrongError(f"expected {' or '.join(map(_called, members))}, found {_seen(data)}")
        return form.decode(data)

    return _Form(
        encode_member,
        decode_member,
        tuple({each for one in forms for each in one.made_of}),
        tuple(by_data),
    )


def _is_mapping(kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _wrapped(form: _Form) -> _Form:
    return _Form(
        lambda value: {MAPPING: form.encode(value)},
        lambda data: form.decode(data[MAPPING]),
        form.made_of,
        form.found_as,
    )


def _tell_apart(members: tuple[Any, ...], forms: Sequence[_Form], *, tagged: bool) -> dict[type, _Form]:
    """Which member each class of data belongs to. Raises TypeError where two members would look alike."""
    found: dict[type, _Form] = {}
    exact = {each for one in forms for each in one.found_as[:1]}
    for member, form in zip(members, forms, strict=True):
        for each in form.found_as:
            if form is _PLAIN_FORMS[float] and each is int and int in exact:
                continue
            if each in found and not (tagged and each is dict):
                raise TypeError(f"in a union, `{_called(member)}` can't be told from another member as data")
            found[each] = form
    return found


def _called(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


_FORMS_BY_BASE: tuple[tuple[type, Callable[[Any, Any], _Form]], ...] = (
    (Enum, _enum_form),
    (PurePath, _path_form),
    (Mapping, _mapping_form),
    (Sequence, _sequence_form),
    (frozenset, _sequence_form),
    (set, _sequence_form),
)
