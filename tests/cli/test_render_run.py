"""A run told from its events: the view they fold into, the log, the summary and the tables."""

import io
from dataclasses import replace

from understudy.cli.live import block_lines
from understudy.cli.log import Log
from understudy.cli.paint import Paint, width_of
from understudy.cli.render import Console
from understudy.cli.screens import LogScreen, show_summary
from understudy.cli.summary import Ending, difference_lines, summary_lines
from understudy.cli.tables import artifact_table, cache_table, runs_table, show_lines, table
from understudy.cli.view import RunView, State
from understudy.findings import Finding, Severity
from understudy.insight.excerpt import relevant
from understudy.model import events
from understudy.model.events import (
    ApprovalAsked,
    ApprovalGiven,
    CacheUsed,
    Continued,
    Event,
    JobFinished,
    JobStarted,
    Noticed,
    PlannedJob,
    Published,
    RunFinished,
    RunStarted,
    StepFinished,
    StepOutput,
    StepStarted,
)
from understudy.model.results import JobResult, Outcome, StepResult
from understudy.store.base import CacheRow, RunInfo, RunRow

STAND_IN = Finding(
    Severity.WARNING, "stand-in", "ran on this machine's Python in place of `cimg/python:3.9`", hint="use docker"
)
JOBS = (
    PlannedJob("build", "build", (), ("Checkout", "Make")),
    PlannedJob("test", "test", ("build",), ("Run tests",)),
    PlannedJob("deploy", "deploy", ("test",), ("Ship",)),
)
START = RunStarted(0.0, "7f3a", "ci", "circleci", "push", "dev", None, "abcdef0123", "sandbox", JOBS)


def step(outcome: Outcome, started: float, ended: float, exit_code: int | None = 0) -> StepResult:
    return StepResult(outcome, outcome, exit_code, started, ended)


STREAM: tuple[Event, ...] = (
    START,
    Noticed(0.0, "build", STAND_IN),
    Noticed(0.0, "test", STAND_IN),
    JobStarted(1.0, "build"),
    StepStarted(1.0, "build", 0, "Checkout"),
    StepFinished(2.0, "build", 0, "Checkout", step(Outcome.PASSED, 1.0, 2.0)),
    StepStarted(2.0, "build", 1, "Make"),
    CacheUsed(2.0, "build", 1, "restore", "deps-1", "deps-", 4_000),
    CacheUsed(2.0, "build", 1, "save", "deps-1", None),
    Published(3.0, "build", 1, "artifact", "dist/a.whl", "sha256:0", 2_100_000),
    StepFinished(4.0, "build", 1, "Make", step(Outcome.PASSED, 2.0, 4.0)),
    JobFinished(4.0, "build", JobResult(Outcome.PASSED, 1.0, 4.0)),
    JobStarted(4.0, "test"),
    StepStarted(4.0, "test", 0, "Run tests"),
    StepOutput(5.0, "test", 0, "collected 63\r\n10%\r20%\r"),
    StepOutput(5.5, "test", 0, "30%\nE  Asser"),
    StepOutput(6.0, "test", 0, "tion\x1b[0mError\n"),
    events.TestsReported(61.0, "test", 212, 3, 1, ("test_a", "test_b", "test_c")),
    StepFinished(62.0, "test", 0, "Run tests", step(Outcome.FAILED, 4.0, 62.0, 1)),
    JobFinished(62.0, "test", JobResult(Outcome.FAILED, 4.0, 62.0, "step 1 failed", failed_step=0)),
    JobFinished(62.0, "deploy", JobResult(Outcome.SKIPPED, 62.0, 62.0, "`test` failed")),
    RunFinished(62.0, Outcome.FAILED),
)
ENDING = Ending(
    log_path=lambda job, index: f"logs/{job}/{index}.log",
    log_tail=lambda _job, _index: ["first\n", "\n", "10%\r100%\n", "E  Assertion\x1b[0mError\n"],
    again=lambda job: f"understudy run ci -j {job}",
    look=lambda job: f"understudy logs 7f3a {job}",
    approved=lambda job: f"understudy run ci --approve {job}",
    whole="understudy run ci",
    more=[("understudy show 7f3a", "its steps")],
)


def test_the_summary() -> None:
    assert summary_lines(RunView().fold_all(STREAM), ENDING, Paint()) == [
        "✔ build   passed in 3.0s, 1 artifact, 2.1 MB, 1 cache reused",
        "✖ test    FAILED after 58s: step 1 failed",
        "○ deploy  skipped: `test` failed",
        "",
        "not as the service does:",
        "  - ran on this machine's Python in place of `cimg/python:3.9` (in 2 jobs)",
        "    hint: use docker",
        "",
        "run 7f3a FAILED in 1m 02s: 1 failed, 1 skipped, 1 passed",
        "",
        'FAILED  test · step 1 "Run tests" · exit 1 after 58s',
        "  tests    3 failed, 212 passed, 1 skipped",
        "           test_a",
        "           test_b",
        "           test_c",
        "  | first",
        "  | E  AssertionError",
        "  log      logs/test/0.log",
        "  look     understudy logs 7f3a test",
        "  again    understudy run ci -j test",
    ]


def test_the_summary_without_colour_or_unicode_says_the_same() -> None:
    view = RunView().fold_all(STREAM)
    plain = summary_lines(view, ENDING, Paint(unicode=False))
    assert all(line.isascii() for line in plain)
    assert plain[:3] == [
        "+ build   passed in 3.0s, 1 artifact, 2.1 MB, 1 cache reused",
        "x test    FAILED after 58s: step 1 failed",
        ". deploy  skipped: `test` failed",
    ]
    coloured = summary_lines(view, ENDING, Paint(colour=True))
    assert any("\x1b[1;31mFAILED\x1b[0m" in line for line in coloured)


def test_what_failed_is_not_torn_apart_on_a_narrow_terminal() -> None:
    lines = summary_lines(RunView().fold_all(STREAM), ENDING, Paint(width=30))
    at = lines.index('FAILED  test · step 1 "Run')
    assert lines[at + 1] == '  tests" · exit 1 after 58s'


def test_a_job_that_the_machine_lost_has_no_step_to_show() -> None:
    lost = JobFinished(9.0, "build", JobResult(Outcome.ERRORED, 1.0, 9.0, "the room died"))
    lines = summary_lines(RunView().fold_all((START, lost, RunFinished(9.0, Outcome.ERRORED))), ENDING, Paint())
    assert "‼ build   ERRORED after 8.0s: the room died" in lines
    assert "ERRORED  build · the room died" in lines
    assert "· test    waiting" in lines


def test_names_that_differ_at_their_end_stay_apart() -> None:
    names = ("tests-on-a-very-long-name-of-an-executor-py38", "tests-on-a-very-long-name-of-an-executor-py39")
    jobs = tuple(PlannedJob(name, name, (), ()) for name in names)
    lines = summary_lines(RunView().fold_all((replace(START, jobs=jobs),)), ENDING, Paint())
    assert lines[:2] == [f"· {name}  waiting" for name in names]


def test_where_names_take_half_of_the_terminal_what_follows_begins_at_its_left() -> None:
    long = "tests-of-the-whole-program"
    jobs = (PlannedJob(long, long, (), ()), PlannedJob("a", "a", (), ()))
    skipped = JobResult(Outcome.SKIPPED, 9.0, 9.0, "wwwwwwwww xxxxxxxxx")
    ends = [JobFinished(9.0, name, skipped) for name in (long, "a")]
    view = RunView().fold_all((replace(START, jobs=jobs), *ends))
    assert summary_lines(view, ENDING, Paint(width=48))[:4] == [
        f"○ {long}  skipped: wwwwwwwww",
        "    xxxxxxxxx",
        f"○ a{' ' * 23}  skipped: wwwwwwwww",
        "    xxxxxxxxx",
    ]


def test_a_job_says_what_it_does_before_its_first_step_and_after_its_last() -> None:
    begun = (START, JobStarted(1.0, "build"))
    first = (StepStarted(1.0, "build", 0, "Checkout"), StepOutput(1.0, "build", 0, "some words\n"))
    done = step(Outcome.PASSED, 1.0, 2.0)
    second = (StepFinished(2.0, "build", 0, "Checkout", done), StepStarted(2.0, "build", 1, "M"))
    last = (StepOutput(2.0, "build", 1, "more\n"), StepFinished(3.0, "build", 1, "M", done))

    def drawn(*stream: Event) -> list[str]:
        return [line.strip("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ") for line in block_lines(RunView().fold_all(stream), Paint(), 3.0)][:-1]

    assert drawn(*begun) == ["build  2.0s  opening its room"]
    assert drawn(*begun, *first) == ["build  2.0s  step 1 of 2: Checkout", "│ some words"]
    assert drawn(*begun, *first, *second) == ["build  2.0s  step 2 of 2: M"]
    assert drawn(*begun, *first, *second, *last) == ["build  2.0s  closing its room"]


def test_only_the_last_telling_lines_are_shown() -> None:
    assert relevant([f"{number}\n" for number in range(30)]) == [str(number) for number in range(18, 30)]
    assert relevant(["\n", "  \n"]) == []


def test_the_log() -> None:
    log = Log(Paint(), output=True)
    told = [line for event in STREAM for line in log.lines(event)]
    assert told == [
        "run 7f3a: ci, push on branch dev, sandbox, 3 jobs",
        "[build] warning: ran on this machine's Python in place of `cimg/python:3.9` (use docker)",
        "[build] started",
        "[build] step 1/2 Checkout",
        "[build] step 1 passed in 1.0s",
        "[build] step 2/2 Make",
        "[build] cache restored: deps-, 4.0 kB",
        "[build] no cache was saved for deps-1",
        "[build] kept artifact dist/a.whl, 2.1 MB",
        "[build] step 2 passed in 2.0s",
        "[build] passed in 3.0s",
        "[test] started",
        "[test] step 1/1 Run tests",
        "[test] | collected 63",
        "[test] | 30%",
        "[test] | E  AssertionError",
        "[test] tests: 3 failed, 212 passed, 1 skipped",
        "[test] step 1 FAILED, exit 1 after 58s",
        "[test] FAILED after 58s: step 1 failed",
        "[deploy] skipped: `test` failed",
    ]
    quiet = Log(Paint())
    assert [line for event in STREAM for line in quiet.lines(event)] == [line for line in told if "] | " not in line]


def test_steps_that_are_skipped_in_a_row_are_one_line() -> None:
    def skipped(index: int, reason: str) -> Event:
        result = replace(step(Outcome.SKIPPED, 2.0, 2.0), reason=reason)
        return StepFinished(2.0, "a", index, f"Step {index}", result)

    happened: tuple[Event, ...] = (
        skipped(0, "`if` is false"),
        StepStarted(2.0, "a", 1, "Make"),
        StepFinished(3.0, "a", 1, "Make", step(Outcome.FAILED, 2.0, 3.0, 2)),
        *(skipped(index, "a step before it failed") for index in (2, 3, 4, 7, 8, 10)),
        JobStarted(3.0, "b"),
        skipped(11, "`if` is false"),
        JobFinished(4.0, "a", JobResult(Outcome.FAILED, 1.0, 4.0)),
    )
    log = Log(Paint())
    assert [line for event in happened for line in log.lines(event)] == [
        "[a] step 1 Step 0 skipped: `if` is false",
        "[a] step 2 Make",
        "[a] step 2 FAILED, exit 2 after 1.0s",
        "[b] started",
        "[a] steps 3 to 5, 8 to 9, 11 skipped: a step before it failed",
        "[a] step 12 Step 11 skipped: `if` is false",
        "[a] FAILED after 3.0s",
    ]


def test_the_log_of_the_rarer_events() -> None:
    log = Log(Paint(), output=True)
    rarer: tuple[Event, ...] = (
        replace(START, branch=None),
        Noticed(0.0, None, STAND_IN),
        ApprovalAsked(1.0, "hold", "ship it?"),
        ApprovalGiven(2.0, "hold", approved=True, by="ada"),
        ApprovalGiven(2.0, "hold", approved=False, by="ada"),
        CacheUsed(2.0, "a", 0, "restore", "k", None),
        StepStarted(2.0, "a", 0, "again", 2),
        StepOutput(2.5, "a", 0, "no end of line"),
        StepFinished(3.0, "a", 0, "again", StepResult(Outcome.FAILED, Outcome.PASSED, None, 2.0, 3.0, "too slow")),
        Continued(3.0, "a", "sha256:0", {}),
    )
    assert [line for event in rarer for line in log.lines(event)] == [
        "run 7f3a: ci, push on abcdef0, sandbox, 3 jobs",
        "warning: ran on this machine's Python in place of `cimg/python:3.9` (use docker)",
        "[hold] waits for approval: ship it?",
        "[hold] approved by ada",
        "[hold] refused by ada",
        "[a] no cache for k",
        "[a] step 1 again, attempt 2",
        "[a] | no end of line",
        "[a] step 1 FAILED after 1.0s, which it may: too slow",
        "[a] handed over the configuration to go on with",
    ]


def test_jobs_that_cannot_be_performed_here_are_counted_by_reason() -> None:
    unmet = {"mac": "no macOS", "win (1)": "no Windows", "win (2)": "no Windows"}
    jobs = tuple(PlannedJob(name, name, (), (), unmet=reason) for name, reason in unmet.items())
    ended = (JobFinished(1.0, name, JobResult(Outcome.SKIPPED, 1.0, 1.0, why)) for name, why in unmet.items())
    assert difference_lines(RunView().fold_all((replace(START, jobs=jobs), *ended)), Paint()) == [
        "not as the service does:",
        "  - `mac` was not performed: no macOS",
        "  - 2 jobs were not performed: no Windows",
    ]


def test_the_view_follows_a_job_through_its_life() -> None:
    view = RunView()
    seen: list[tuple[State, str, str]] = []
    for event in STREAM:
        view.fold(event)
        row = view.jobs["test"]
        state = (row.state, row.step.name if row.step else "", row.last_line)
        if not seen or seen[-1] != state:
            seen.append(state)
    assert seen == [
        (State.WAITING, "", ""),
        (State.RUNNING, "", ""),
        (State.RUNNING, "Run tests", ""),
        (State.RUNNING, "Run tests", "20%"),
        (State.RUNNING, "Run tests", "E  Asser"),
        (State.RUNNING, "Run tests", "E  Assertion\x1b[0mError"),
        (State.RUNNING, "", "E  Assertion\x1b[0mError"),
        (State.ENDED, "", "E  Assertion\x1b[0mError"),
    ]
    assert view.jobs["test"].elapsed_s(1_000.0) == 58.0
    assert view.elapsed_s == 62.0
    assert view.outcome is Outcome.FAILED
    assert [row.id for row in view.ended_with(Outcome.FAILED)] == ["test"]


def test_background_steps_and_approvals_in_the_view() -> None:
    view = RunView().fold_all(
        (
            START,
            JobStarted(1.0, "build"),
            StepStarted(1.0, "build", 0, "server"),
            StepStarted(2.0, "build", 1, "client"),
        )
    )
    row = view.jobs["build"]
    view.fold(StepFinished(3.0, "build", 1, "client", step(Outcome.PASSED, 2.0, 3.0)))
    assert row.step is not None
    assert row.step.name == "server"
    assert row.elapsed_s(11.0) == 10.0
    view.fold(ApprovalAsked(4.0, "hold", "ship it?"))
    assert (view.jobs["hold"].state, view.jobs["hold"].asked) == (State.ASKING, "ship it?")
    view.fold(ApprovalGiven(5.0, "hold", approved=True, by="ada"))
    assert view.jobs["hold"].state is State.RUNNING


def test_a_stored_run_is_shown_with_its_steps() -> None:
    stored = (event for event in STREAM if not isinstance(event, StepOutput))
    assert show_lines(RunView().fold_all(stored), Paint()) == [
        "run 7f3a: ci, push on branch dev at abcdef0, sandbox, FAILED in 1m 02s",
        "✔ build   passed in 3.0s, 1 artifact, 2.1 MB, 1 cache reused",
        "     1  Checkout: passed in 1.0s",
        "     2  Make: passed in 2.0s",
        "✖ test    FAILED after 58s: step 1 failed",
        "     1  Run tests: FAILED, exit 1 after 58s",
        "○ deploy  skipped: `test` failed",
    ]
    assert artifact_table(RunView().fold_all(STREAM), Paint()) == [
        "job    artifact      size",
        "build  dist/a.whl  2.1 MB",
    ]


def test_tables_of_runs_and_caches() -> None:
    info = RunInfo("/home/ada/engine", "ci", "circleci", (), 1_000_000_000.0, 1, 1, "/s", "sandbox")
    rows = (
        RunRow("7f3a", info, Outcome.PASSED, 1_000_000_221.0),
        RunRow("6b1c", info, None, None),
        RunRow("0001", info, None, None, interrupted=True),
    )
    assert runs_table(rows, Paint(), projects=True) == [
        "run   workflow  outcome      started             took  repository",
        "7f3a  ci        passed       2001-09-09 01:46  3m 41s  engine",
        "6b1c  ci        running      2001-09-09 01:46          engine",
        "0001  ci        interrupted  2001-09-09 01:46          engine",
    ]
    assert runs_table((), Paint()) == []
    cache = CacheRow("/home/ada/engine", "circleci", "deps-1", "sha256:0", 4_000, 1e9, 1e9, {})
    assert cache_table((cache,), Paint()) == [
        "key       size  saved             last used",
        "deps-1  4.0 kB  2001-09-09 01:46  2001-09-09 01:46",
        "1 in all, 4.0 kB",
    ]


def test_a_table_fits_the_terminal() -> None:
    lines = table(["key", "size"], [["日" * 60, "1 B"], ["x\x1b[2J", "2 B"]], Paint(width=40), right=(1,))
    assert max(map(width_of, lines)) <= 40
    assert lines[1].rstrip(" B1").endswith("日…")
    assert lines[1].endswith(" 1 B")
    assert "\\x1b[2J" in lines[2]


def test_printing_goes_to_standard_error_as_the_events_come() -> None:
    out, error = io.StringIO(), io.StringIO()
    console = Console(out, error, Paint())
    printer = LogScreen(console, Log(Paint()))
    for event in STREAM:
        printer(event)
    show_summary(console, printer, ENDING)
    assert out.getvalue() == ""
    assert error.getvalue().startswith("run 7f3a: ci, ")
    assert error.getvalue().endswith("again    understudy run ci -j test\n")
