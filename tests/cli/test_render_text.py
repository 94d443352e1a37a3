"""Text for terminals: nothing in it acts on the terminal, and it is as wide as it says."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.cli.paint import Paint, counted, duration, size, width_of
from understudy.cli.render import Console, show_error


@given(st.text(st.characters()))
def test_clean_text_is_one_printable_line(text: str) -> None:
    shown = Paint().clean(text)
    assert all(one.isprintable() or one == "\u200d" for one in shown)
    plain = Paint(unicode=False).clean(text)
    assert plain.isascii()
    assert plain.isprintable()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b\x7f\x9b", "a\\x00b\\x7f\\x9b"),
        ("one\u2028two", "one\\u2028two"),
        ("admin\u202e\u2066", "admin\\u202e\\u2066"),
        ("\udcff", "\\udcff"),
        ("\tx", "    x"),
        ("naïve 日本", "naïve 日本"),
    ],
)
def test_what_would_act_on_a_terminal_becomes_an_escape(raw: str, shown: str) -> None:
    assert Paint().clean(raw) == shown


def test_widths() -> None:
    assert width_of("abc") == 3
    assert width_of("日本") == 4
    assert width_of("e\u0301") == 1
    paint = Paint()
    assert paint.fit("日本語", 5) == "日本…"
    assert paint.fit("日本語", 4) == "日…"
    assert paint.fit("abc", 3) == "abc"
    assert Paint(unicode=False).fit("abcdef", 5) == "ab..."
    assert paint.pad("日本", 6) == "日本  "


@given(st.text(st.sampled_from("aé日 \u0301")), st.integers(0, 12))
def test_fitted_text_is_never_wider(text: str, width: int) -> None:
    assert width_of(Paint().fit(text, width)) <= width


def test_wrapping_breaks_between_words() -> None:
    assert Paint(width=20).wrap("the quick brown fox jumps", first="- ", indent="  ") == [
        "- the quick brown",
        "  fox jumps",
    ]
    assert Paint(width=10).wrap("a-word-that-is-longer") == ["a-word-that-is-longer"]


def test_times_sizes_and_counts() -> None:
    assert [duration(one) for one in (0.04, 9.94, 9.96, 58, 59.7, 221, 3599.6, 3720)] == [
        "0.0s", "9.9s", "10s", "58s", "1m 00s", "3m 41s", "1h 00m", "1h 02m",
    ]  # fmt: skip
    assert [size(one) for one in (0, 912, 4_000, 999_600, 212_000_000, 3_400_000_000, 5 * 10**12)] == [
        "0 B", "912 B", "4.0 kB", "1.0 MB", "212 MB", "3.4 GB", "5.0 TB",
    ]  # fmt: skip
    assert [counted(1, "job"), counted(2, "job")] == ["1 job", "2 jobs"]


def test_colour_is_off_unless_asked_for() -> None:
    assert Paint().styled("x", "failed") == "x"
    assert Paint(colour=True).styled("x", "failed") == "\x1b[1;31mx\x1b[0m"


def test_a_console_keeps_data_and_words_apart_and_never_fails_for_an_encoding() -> None:
    raw_out, raw_error = io.BytesIO(), io.BytesIO()
    out = io.TextIOWrapper(raw_out, encoding="ascii")
    error = io.TextIOWrapper(raw_error, encoding="latin-1")
    console = Console(out, error, Paint())
    console.data("日本")
    console.say("é 日")
    console.json({"name": "日"})
    assert raw_out.getvalue() == b'\\u65e5\\u672c\n{"name":"\\u65e5"}\n'
    assert raw_error.getvalue() == b"\xe9 \\u65e5\n"


def test_errors_are_one_line_and_a_hint_among_the_words() -> None:
    out, error = io.StringIO(), io.StringIO()
    show_error(Console(out, error, Paint()), "bad \x1b[2J `x`", "there is: y")
    assert out.getvalue() == ""
    assert error.getvalue() == "error: bad \\x1b[2J `x`\n  hint: there is: y\n"


def test_what_is_quoted_is_not_broken_where_it_fits() -> None:
    paint = Paint(width=20)
    assert paint.wrap("it runs at `15 2 * * *` only") == ["it runs at", "`15 2 * * *` only"]
    assert paint.wrap("see `a quote that is much wider than that`, which is broken", indent="  ") == [
        "  see `a quote that",
        "  is much wider than",
        "  that`, which is",
        "  broken",
    ]
    assert paint.wrap("one ` alone is no quote at all") == ["one ` alone is no", "quote at all"]


def test_colour_takes_no_room() -> None:
    plain, coloured = Paint(width=24), Paint(width=24, colour=True)
    assert plain.wrap(plain.styled("passed", "passed") + " in 3m 41s, 2 tests") == ["passed in 3m 41s, 2", "tests"]
    assert coloured.wrap(coloured.styled("passed", "passed") + " in 3m 41s, 2 tests") == [
        "\x1b[32mpassed\x1b[0m in 3m 41s, 2",
        "tests",
    ]
