"""Hides secrets in a stream of bytes, however it is cut into chunks and however the secrets were encoded."""

import base64
import json
import re
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import quote, quote_plus

MASK = b"****"

_SHORTEST = 4
_SHORTEST_WRAPPED = 8
_SHORTEST_LINE = 8
_LEAD = 4
_NEVER = frozenset({"true", "false", "True", "False"})


def encodings(secret: str) -> frozenset[bytes]:
    """Every form of `secret` that is hidden: plain, line by line, base64 at its three alignments, URL, JSON, shell
    and XML.

    Empty for what CircleCI doesn't hide either: fewer than four characters, and the words for true and false.
    https://circleci.com/docs/env-vars/#secrets-masking
    """
    value = secret.strip("\r\n")
    if len(value) < _SHORTEST or value in _NEVER:
        return frozenset()
    lines = [line.strip() for line in value.splitlines()]
    values = {value, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    found: set[bytes] = set()
    for one in values | {secret}:
        found |= {_bytes(one), json.dumps(one)[1:-1].encode(), _bytes(json.dumps(one, ensure_ascii=False)[1:-1])}
        found |= _url_forms(one) | _base64_forms(_bytes(one)) | _quoted_forms(one)
    return frozenset(form for form in found if len(form) >= _SHORTEST)


def _bytes(text: str) -> bytes:
    """Variables of an environment are bytes, and not always text."""
    return text.encode("utf-8", "surrogateescape")


def _url_forms(value: str) -> set[bytes]:
    raw = _bytes(value)
    forms = {quote(raw, safe=""), quote(raw), quote_plus(raw), quote(raw, safe="!*'()")}
    forms |= {re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in forms}
    return {_bytes(form) for form in forms}


def _quoted_forms(value: str) -> set[bytes]:
    """What shells (`set -x`, `%q`) and XML make of characters that mean something to them."""
    forms = {value.replace("'", inside) for inside in ("'\\''", "'\"'\"'", "\\'")}
    forms |= {re.sub(r"([^\w@%+=:,./-])", r"\\\1", value, flags=re.ASCII), re.sub(r'([$`"\\])', r"\\\1", value)}
    plain = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    from html import escape  # noqa: PLC0415 - only where there are secrets

    forms |= {plain, plain.replace('"', "&quot;"), escape(value)}
    return {_bytes(form) for form in forms}


def _base64_forms(value: bytes) -> set[bytes]:
    """The characters that depend on `value` alone, wherever it stands in what was encoded; and the whole encoding."""
    forms = {base64.b64encode(value)}
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + value)
        first = -(-lead * 8 // 6)
        last = (lead + len(value)) * 8 // 6
        forms.add(text[first:last])
    return forms | {form.translate(bytes.maketrans(b"+/", b"-_")) for form in forms}


class Secrets:
    """What is to be hidden, compiled once and shared by many streams and threads.

    A form of eight bytes or more is also found with line ends anywhere within it, as `base64` and `fold` put them.
    """

    def __init__(self, values: Iterable[str] = (), mask: bytes = MASK) -> None:
        """`values` as given, in any order; those too short to hide are ignored. `mask` stands in their place."""
        self.values = frozenset(values)
        self._mask = mask
        forms = {form for value in self.values for form in encodings(value)}
        self._tolerant = {_flat(form) for form in forms if len(_flat(form)) >= _SHORTEST_WRAPPED}
        self._exact = {form for form in forms if _flat(form) not in self._tolerant}
        self._every = sorted(self._tolerant | {_flat(form) for form in self._exact})
        self._screen = _least(self._every)
        self._openings = frozenset(form[:size] for form in self._every for size in range(1, min(_LEAD, len(form))))
        self._longest = max((len(form) for form in self._every), default=0)
        self._breaks = max([2, *(2 * len(run) for form in forms for run in re.findall(rb"[\r\n]+", form))])

    def __bool__(self) -> bool:
        return bool(self._every)

    def also(self, values: Iterable[str]) -> "Secrets":
        """These and `values`."""
        more = self.values | frozenset(values)
        return self if more == self.values else Secrets(more, self._mask)

    def hide(self, data: bytes) -> bytes:
        """The whole of `data`, masked."""
        return self._pattern.sub(lambda _found: self._mask, data) if self._hit(data) else data

    def hide_text(self, text: str) -> str:
        """The whole of `text`, masked."""
        return self.hide(text.encode(errors="surrogateescape")).decode(errors="replace") if self else text

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """`data` masked as far as can be told without what follows it, and the rest as it was."""
        keep = self._undecided(data, 0)
        if not self._hit(data):
            return data[:keep], data[keep:]
        out: list[bytes] = []
        at = 0
        while (match := self._pattern.search(data, at)) and match.start() < keep:
            out += (data[at : match.start()], self._mask)
            at = match.end()
            if at > keep:
                keep = self._undecided(data, at)
        out.append(data[at:keep])
        return b"".join(out), data[keep:]

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        gap = b"[\\r\\n]{0,%d}" % self._breaks
        ordered = sorted(self._tolerant | self._exact, key=lambda form: (-len(_flat(form)), form))
        return re.compile(b"|".join(self._expression(form, gap) for form in ordered) or rb"(?!)")

    def _expression(self, form: bytes, gap: bytes) -> bytes:
        if form not in self._tolerant:
            return re.escape(form)
        return gap.join(re.escape(form[at : at + 1]) for at in range(len(form)))

    def _hit(self, data: bytes) -> bool:
        flat = _flat(data)
        return any(form in flat for form in self._screen)

    def _undecided(self, data: bytes, at: int) -> int:
        """Where in `data`, from `at`, the longest ending begins that could still become a secret."""
        reach = (self._longest - 1) * (self._breaks + 1) + self._breaks
        start = max(at, len(data) - reach)
        tail = data[start:]
        flat = _flat(tail)
        size = max((self._overlap(flat, form) for form in self._every), default=0)
        size = size or next((few for few in range(_LEAD - 1, 0, -1) if flat[-few:] in self._openings), 0)
        return start + _unflat(tail, size) if size and flat else len(data)

    def _overlap(self, flat: bytes, form: bytes) -> int:
        """The size of the longest ending of `flat` that opens `form` and is neither short nor the whole of it."""
        at = flat.find(form[:_LEAD], max(0, len(flat) - len(form) + 1))
        while at >= 0:
            if form.startswith(flat[at:]):
                return len(flat) - at
            at = flat.find(form[:_LEAD], at + 1)
        return 0


class Masker:
    """Hides secrets in one stream: `feed` chunks, then `finish`. Not for several threads at once.

    The result doesn't depend on how the stream was cut. What might be the beginning of a secret is kept back until
    more has come; that is never more than a few times the longest secret.
    """

    def __init__(self, secrets: Secrets) -> None:
        """`secrets` may hold nothing; then every chunk comes back as it is."""
        self._secrets = secrets
        self._kept = b""

    def feed(self, chunk: bytes) -> bytes:
        """As much of the stream so far as can be told, masked."""
        if not self._secrets:
            return chunk
        masked, self._kept = self._secrets.split(self._kept + chunk)
        return masked

    def finish(self) -> bytes:
        """The rest, masked."""
        rest, self._kept = self._kept, b""
        return self._secrets.hide(rest)


def _flat(data: bytes) -> bytes:
    joined = data.replace(b"\n", b"")
    return joined.replace(b"\r", b"") if b"\r" in joined else joined


def _unflat(tail: bytes, size: int) -> int:
    """Where in `tail` its last `size` bytes that are no line ends begin."""
    for at in range(len(tail) - 1, -1, -1):
        if tail[at] not in b"\r\n":
            size -= 1
            if not size:
                return at
    return 0


def _least(forms: Iterable[bytes]) -> tuple[bytes, ...]:
    """`forms` without those that hold another of them: where none of the rest is, none of them is."""
    kept: list[bytes] = []
    for form in sorted(forms, key=len):
        if not any(one in form for one in kept):
            kept.append(form)
    return tuple(kept)
