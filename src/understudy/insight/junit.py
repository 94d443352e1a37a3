"""Reads JUnit XML test reports, which come from anywhere and are trusted in nothing."""

import math
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar
from xml.parsers import expat

# CircleCI takes up to 100 MB of reports, https://support.circleci.com/hc/en-us/articles/360021624194.
_LARGEST_BYTES = 100 * 1024 * 1024
_DEEPEST = 200
_MOST_CASES = 1_000_000
_LONGEST_NAME = 4096
_LONGEST_MESSAGE = 16_384

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Expat reads every encoding of one byte a character, and Unicode's; these are the others that reports come in.
_MULTIBYTE = {
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "gb18030": "gb18030",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
}
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


class TestOutcome(Enum):
    """How a test ended. ERROR: it broke outside of what it checks."""

    __test__ = False  # for pytest, which takes a name like this for tests
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test. `file` and `classname` are empty where the report has none; `message` is the first of its troubles."""

    __test__: ClassVar[bool] = False
    name: str
    classname: str = ""
    file: str = ""
    seconds: float = 0.0
    outcome: TestOutcome = TestOutcome.PASSED
    message: str = ""

    @property
    def label(self) -> str:
        """What people call it: `file::name`, or `classname.name`."""
        if self.file:
            return f"{self.file}::{self.name}"
        return f"{self.classname}.{self.name}" if self.classname else self.name


@dataclass(frozen=True, slots=True)
class TestReport:
    """The tests of one report or several, in the report's order; the numbers are counted, not taken from it."""

    __test__: ClassVar[bool] = False
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    cases: tuple[TestCase, ...] = ()

    @property
    def failing(self) -> tuple[str, ...]:
        """The labels of the tests that failed or broke."""
        return tuple(one.label for one in self.cases if one.outcome in (TestOutcome.FAILED, TestOutcome.ERROR))


def read_report(data: bytes) -> TestReport:
    """The report in `data`. Raises ValueError, with the line where there is one, for what is none or goes too far.

    Takes `testsuites`, and `testsuite` to any depth; unknown elements are passed over.
    https://circleci.com/docs/collect-test-data/
    """
    if len(data) > _LARGEST_BYTES:
        raise ValueError(f"the report is larger than {_LARGEST_BYTES // 1024 // 1024} MiB")
    reader = _Reader()
    parser = _parser_for(reader, data)
    try:
        parser.Parse(_as_expat_reads_it(data), True)  # noqa: FBT003 - the library's own signature
    except expat.ExpatError as error:
        message = expat.errors.messages.get(error.code, "") or str(error)
        raise ValueError(f"the report is no XML: {message}, line {error.lineno}") from None
    except (LookupError, UnicodeError) as error:
        raise ValueError(f"the report's encoding can't be read: {error}") from None
    if not reader.is_report:
        raise ValueError("the file holds no JUnit report: it has neither `testsuites` nor `testsuite` outermost")
    return _counted(reader.cases)


def merge(reports: Iterable[TestReport]) -> TestReport:
    """All the tests of `reports`."""
    return _counted([case for report in reports for case in report.cases])


def seconds_by_file(report: TestReport) -> Mapping[str, float]:
    """Seconds by test file, as `circleci tests split --timings-type=filename` goes by; tests without one don't count.

    https://circleci.com/docs/use-the-circleci-cli-to-split-tests/
    """
    return _sums(report, lambda case: case.file)


def seconds_by_classname(report: TestReport) -> Mapping[str, float]:
    """Seconds by class name, for `--timings-type=classname`."""
    return _sums(report, lambda case: case.classname)


def seconds_by_name(report: TestReport) -> Mapping[str, float]:
    """Seconds by test name, for `--timings-type=testname`."""
    return _sums(report, lambda case: case.name)


def _sums(report: TestReport, key: Callable[[TestCase], str]) -> Mapping[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for case in report.cases:
        if key(case):
            sums[key(case)] += case.seconds
    return dict(sums)


def _counted(cases: list[TestCase]) -> TestReport:
    counts = Counter(case.outcome for case in cases)
    return TestReport(
        passed=counts[TestOutcome.PASSED],
        failed=counts[TestOutcome.FAILED],
        errors=counts[TestOutcome.ERROR],
        skipped=counts[TestOutcome.SKIPPED],
        cases=tuple(cases),
    )


_TROUBLES = {"error": TestOutcome.ERROR, "failure": TestOutcome.FAILED, "skipped": TestOutcome.SKIPPED}
_WORST_FIRST = (TestOutcome.ERROR, TestOutcome.FAILED, TestOutcome.SKIPPED, TestOutcome.PASSED)


class _Reader:
    """Gathers the cases of a document as its elements come and go."""

    def __init__(self) -> None:
        self.cases: list[TestCase] = []
        self.is_report = False
        self._open: list[str] = []
        self._attributes: dict[str, str] | None = None
        self._outcome = TestOutcome.PASSED
        self._message = ""
        self._text: list[str] | None = None
        self._text_length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if not self._open:
            self.is_report = tag in ("testsuites", "testsuite")
        if len(self._open) >= _DEEPEST:
            raise ValueError(f"the report's elements are nested deeper than {_DEEPEST}")
        self._open.append(tag)
        if tag == "testcase":
            self._start_case(attributes)
        elif tag in _TROUBLES and self._attributes is not None and self._open[-2] == "testcase":
            self._start_trouble(_TROUBLES[tag], attributes)

    def end(self, _: str) -> None:
        tag = self._open.pop()
        if tag == "testcase" and self._attributes is not None:
            self.cases.append(_case(self._attributes, self._outcome, self._message))
            self._attributes = None
        elif tag in _TROUBLES and self._text is not None:
            self._message = self._message or "".join(self._text).strip()[:_LONGEST_MESSAGE]
            self._text = None

    def characters(self, text: str) -> None:
        if self._text is not None and self._text_length < _LONGEST_MESSAGE:
            self._text.append(text)
            self._text_length += len(text)

    def _start_case(self, attributes: dict[str, str]) -> None:
        if len(self.cases) >= _MOST_CASES:
            raise ValueError(f"the report has more than {_MOST_CASES} tests")
        self._attributes = attributes
        # GoogleTest says it so: https://google.github.io/googletest/advanced.html#generating-an-xml-report
        self._outcome = TestOutcome.SKIPPED if attributes.get("status") == "notrun" else TestOutcome.PASSED
        self._message = ""
        self._text = None

    def _start_trouble(self, outcome: TestOutcome, attributes: dict[str, str]) -> None:
        if _WORST_FIRST.index(outcome) < _WORST_FIRST.index(self._outcome):
            self._outcome = outcome
            self._message = attributes.get("message", "").strip()[:_LONGEST_MESSAGE]
            self._text, self._text_length = [], 0


def _case(attributes: Mapping[str, str], outcome: TestOutcome, message: str) -> TestCase:
    def short(key: str) -> str:
        return attributes.get(key, "")[:_LONGEST_NAME]

    return TestCase(
        name=short("name"),
        classname=short("classname"),
        file=_plain_path(short("file")),
        seconds=_seconds(attributes.get("time", "")),
        outcome=outcome,
        message=message,
    )


def _plain_path(path: str) -> str:
    """As CircleCI keeps it: `./spec/a.rb` is `spec/a.rb`."""
    return posixpath.normpath(path) if path else ""


def _seconds(text: str) -> float:
    """A time as tools write it: `1.5`, `1,234.5`, `0,25`; 0 for what is none."""
    plain = text.strip()
    plain = plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain.replace(",", ".", 1)
    try:
        seconds = float(plain)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _parser_for(reader: _Reader, data: bytes) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8" if _multibyte(data) else None)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    # No report needs entities of its own, and a few lines of them can stand for gigabytes. External ones expat only
    # reads through a handler, which it isn't given.
    parser.EntityDeclHandler = _refuse_entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


def _refuse_entity(name: str, *_: object) -> None:
    raise ValueError(f"the report declares the entity `{name[:60]}`, which is refused")


def _multibyte(data: bytes) -> str | None:
    declared = _DECLARED.search(data[:300])
    return _MULTIBYTE.get(declared[1].decode("ascii").lower()) if declared else None


def _as_expat_reads_it(data: bytes) -> bytes:
    encoding = _multibyte(data)
    # Some tools print a blank line first, which XML forbids before its declaration.
    return (data.decode(encoding).encode("utf-8") if encoding else data).lstrip(b" \t\r\n")
