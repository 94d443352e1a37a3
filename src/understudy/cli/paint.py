"""Text for a terminal: safe to show, of a known width, with colour and signs only where they are wanted."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_STYLES = {
    "bold": "1",
    "dim": "2",
    "error": "1;31",
    "unsupported": "1;35",
    "warning": "33",
    "note": "36",
    "passed": "32",
    "failed": "1;31",
    "errored": "1;31",
    "cancelled": "33",
    "skipped": "2",
    "interrupted": "33",
}
_PLAIN_SIGNS = {
    "✔": "+", "✖": "x", "‼": "!", "■": "-", "○": ".", "●": "*", "?": "?", "│": "|", "├─ ": "|- ", "└─ ": "`- ",
    "│  ": "|  ", "·": "-", "→": "->", "…": "...", "—": "-",
}  # fmt: skip
_TAB = 4
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_MAX_CODE_IN_BMP = 0xFFFF


@dataclass(frozen=True, slots=True)
class Paint:
    """How wide the terminal is, and whether it shows colour and more than ASCII. The default is right for a pipe."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def styled(self, text: str, style: str) -> str:
        """`text` in `style`; words must carry the meaning, since colour may be off."""
        code = _STYLES.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def sign(self, sign: str) -> str:
        """`sign` or, without Unicode, what stands for it."""
        return sign if self.unicode else _PLAIN_SIGNS[sign]

    def clean(self, text: str) -> str:
        """`text` on one line without anything that a terminal would act on: controls and overrides become escapes."""
        shown = "".join(_visible(character) for character in text.expandtabs(_TAB))
        return shown if self.unicode else shown.encode("ascii", "backslashreplace").decode("ascii")

    def fit(self, text: str, width: int) -> str:
        """`text` (clean) cut to at most `width` columns, with an ellipsis where it was cut."""
        if width_of(text) <= width:
            return text
        ellipsis = self.sign("…")
        room = max(0, width - len(ellipsis))
        return _take(text, room) + ellipsis[: max(0, width)]

    def pad(self, text: str, width: int) -> str:
        """`text` (clean) filled up with spaces to `width` columns, never cut."""
        return text + " " * max(0, width - width_of(text))

    def wrap(self, text: str, *, indent: str = "", first: str | None = None) -> list[str]:
        """`text` (clean, styled or not) broken between words to the terminal's width; later lines begin with `indent`.

        What stands in backticks stays on one line, if it can: it is to be copied.
        """
        lines: list[str] = []
        line = indent if first is None else first
        empty = True
        for word in _words(text, self.width - width_of(indent)):
            if not empty and _seen(line) + 1 + _seen(word) > self.width:
                lines.append(line)
                line, empty = indent, True
            line += word if empty else f" {word}"
            empty = False
        return [*lines, line]


def width_of(text: str) -> int:
    """The columns that `text` (clean, unstyled) takes. https://www.unicode.org/reports/tr11/"""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def duration(seconds: float) -> str:
    """`0.4s`, `58s`, `3m 41s`, `1h 02m`."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"


def size(count_bytes: int) -> str:
    """`912 B`, `4.0 kB`, `212 MB`: decimal, three digits at most."""
    amount = float(count_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.1f} {unit}" if unit != "B" and amount < 9.95 else f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def counted(count: int, one: str, several: str | None = None) -> str:
    """`1 job`, `3 jobs`."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def _seen(text: str) -> int:
    """The columns of `text`, styled or not."""
    return width_of(_STYLE.sub("", text) if "\x1b" in text else text)


def _words(text: str, width: int) -> Iterator[str]:
    """What `text` may be broken between: its words, and quotes of several words that are no wider than `width`."""
    quote: list[str] = []
    for word in text.split(" "):
        quote.append(word)
        whole = " ".join(quote)
        if whole.count("`") % 2 == 0:
            yield whole
            quote = []
        elif width_of(whole) > width:
            yield from quote
            quote = []
    yield from quote


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _visible(character: str) -> str:
    """Escapes controls, line separators, bidirectional overrides and lone surrogates (Trojan Source among them)."""
    if character.isprintable() or character in " \u200d":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _MAX_CODE_IN_BMP else f"\\U{code:08x}"


def _take(text: str, width: int) -> str:
    return "".join(_taken(text, width))


def _taken(text: str, width: int) -> Iterator[str]:
    for character in text:
        width -= _columns(character)
        if width < 0:
            return
        yield character
