"""The lines of a log that tell why a step failed."""

import pytest

from understudy.insight.excerpt import plain, relevant

NOISE = [f"ordinary line {number}" for number in range(40)]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m\n", "red"),
        ("\x1b]0;title\x07text\r\n", "text"),
        ("\x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10%\r20%\rdone", "done"),
        ("a\x1b(Bb\x00c", "abc"),
        ("trailing   \n", "trailing"),
    ],
)
def test_a_line_is_what_it_looked_like_in_the_end(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_a_short_log_is_told_whole_without_blank_and_progress_lines() -> None:
    log = [
        "Collecting numpy",
        "  Downloading numpy-2.0.0.whl (18 MB)",
        "     ━━━━━━━━━━━━━━━━━━ 18.0/18.0 MB 50.1 MB/s",
        " 42% [======>        ]",
        "",
        "ERROR: No matching distribution found for nmupy",
    ]
    assert relevant(log) == [log[-1]]


def test_a_log_of_nothing_but_progress_keeps_its_end() -> None:
    assert relevant(["10%", "20%", "\n"]) == ["10%", "20%"]


def test_without_an_error_the_last_lines_are_told() -> None:
    assert relevant(NOISE) == NOISE[-12:]
    assert relevant(NOISE, 3) == NOISE[-3:]


def test_the_lines_around_an_error_are_told_when_much_follows_it() -> None:
    log = [*NOISE[:20], "before", "main.c:3:5: error: expected ';'", "    int x", *NOISE[20:]]
    told = relevant(log)
    assert told == [
        "ordinary line 16", "ordinary line 17", "ordinary line 18", "ordinary line 19",
        "before", "main.c:3:5: error: expected ';'",
        "    int x",
        "...",
        "ordinary line 36", "ordinary line 37", "ordinary line 38", "ordinary line 39",
    ]  # fmt: skip
    assert len(told) == 12


def test_who_only_passes_a_failure_on_is_not_its_cause() -> None:
    # As pytest under make prints it.
    log = [
        *NOISE,
        "    def test_name():",
        ">       assert name() == 'b'",
        "E       AssertionError: assert 'a' == 'b'",
        "test_model.py:7: AssertionError",
        *(f"coverage of module {number}" for number in range(20)),
        "1 failed, 63 passed in 2.11s",
        "make: *** [Makefile:9: test] Error 1",
    ]
    told = relevant(log)
    assert "E       AssertionError: assert 'a' == 'b'" in told
    assert told[-2:] == log[-2:]


@pytest.mark.parametrize("line", ["0 errors", "errors: 0", "Found 0 errors in 3 files"])
def test_the_absence_of_errors_is_no_error(line: str) -> None:
    log = ["fatal: not a git repository", line, *NOISE]
    assert relevant(log)[0] == "fatal: not a git repository"


def test_a_cause_at_the_very_beginning() -> None:
    told = relevant(["Error: nothing works", *NOISE])
    assert told[0] == "Error: nothing works"
    assert len(told) == 12
    assert told[-4:] == NOISE[-4:]


def test_a_long_line_of_dots_takes_no_time() -> None:
    lines = [f"test_schema.py {'.' * 60}", "." * 70, *(f"line {number}" for number in range(20))]
    assert relevant(lines) == lines[-12:]
