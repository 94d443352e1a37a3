"""Test reports as tools write them, and as somebody with bad intentions would."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.insight import junit
from understudy.insight.junit import TestOutcome, merge, read_report, seconds_by_classname, seconds_by_file

BASIC = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="outer" tests="99">
    <testcase name="adds" classname="calc.Add" file="./tests/test_add.py" time="1.5"/>
    <testsuite name="inner">
      <testcase name="carries" classname="calc.Add" file="tests/test_add.py" time="0.25">
        <failure message="1 != 2" type="AssertionError">trace
of it</failure>
        <system-out>noise</system-out>
      </testcase>
      <testcase name="breaks" classname="calc.Sub" time="1,234.5"><error>no message, only text</error></testcase>
      <testcase name="waits"><skipped message="not today"/></testcase>
    </testsuite>
  </testsuite>
</testsuites>
"""


def suite(inside: str) -> bytes:
    return f"<testsuite>{inside}</testsuite>".encode()


def one(inside: str) -> junit.TestCase:
    (case,) = read_report(suite(inside)).cases
    return case


def test_a_report_with_suites_in_suites() -> None:
    report = read_report(BASIC)
    assert (report.passed, report.failed, report.errors, report.skipped) == (1, 1, 1, 1)
    assert [case.name for case in report.cases] == ["adds", "carries", "breaks", "waits"]
    assert [case.message for case in report.cases] == ["", "1 != 2", "no message, only text", "not today"]
    assert report.failing == ("tests/test_add.py::carries", "calc.Sub.breaks")


def test_times_are_summed_by_what_the_split_goes_by() -> None:
    report = read_report(BASIC)
    assert seconds_by_file(report) == {"tests/test_add.py": 1.75}
    assert seconds_by_classname(report) == {"calc.Add": 1.75, "calc.Sub": 1234.5}
    assert junit.seconds_by_name(report) == {"adds": 1.5, "carries": 0.25, "breaks": 1234.5, "waits": 0.0}


def test_reports_are_merged() -> None:
    both = merge([read_report(BASIC), read_report(suite('<testcase name="more"/>'))])
    assert (both.passed, both.failed, len(both.cases)) == (2, 1, 5)
    assert merge([]) == junit.TestReport()


def test_pytest_s_own_report(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(
        "import pytest\n"
        "class TestIt:\n"
        "    def test_good(self): pass\n"
        "    def test_bad(self): assert 'a' == '\\x1b<é>'\n"
        "@pytest.mark.skip(reason='later')\n"
        "def test_later(): pass\n"
        "@pytest.fixture\n"
        "def broken(): raise OSError('gone')\n"
        "def test_broken(broken): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=out.xml", "-o"]
    subprocess.run([*command, "junit_family=xunit1"], cwd=tmp_path, stdout=subprocess.DEVNULL, check=False)
    report = read_report((tmp_path / "out.xml").read_bytes())
    assert (report.passed, report.failed, report.errors, report.skipped) == (1, 1, 1, 1)
    assert report.failing == ("test_sample.py::test_bad", "test_sample.py::test_broken")
    assert set(seconds_by_file(report)) == {"test_sample.py"}
    assert {case.classname for case in report.cases} == {"test_sample.TestIt", "test_sample"}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1.5", 1.5),
        ("1,234.56", 1234.56),
        ("1,234,567", 1234567.0),
        ("0,25", 0.25),
        (" 2 ", 2.0),
        ("1e-3", 0.001),
        ("", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("-3", 0.0),
    ],
)
def test_times_as_tools_write_them(written: str, seconds: float) -> None:
    assert one(f'<testcase name="a" time="{written}"/>').seconds == seconds


def test_missing_attributes() -> None:
    assert one("<testcase/>") == junit.TestCase(name="")


def test_the_worst_of_several_troubles_counts() -> None:
    case = one("<testcase><failure message='f'/><error message='e'/><skipped message='s'/></testcase>")
    assert (case.outcome, case.message) == (TestOutcome.ERROR, "e")


def test_a_test_that_googletest_did_not_run() -> None:
    assert one('<testcase name="DISABLED_A" status="notrun" result="suppressed"/>').outcome is TestOutcome.SKIPPED
    assert one('<testcase name="A" status="run" result="completed"/>').outcome is TestOutcome.PASSED


def test_a_flaky_test_that_passed_in_the_end() -> None:
    # https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
    assert one("<testcase name='a'><flakyFailure message='once'/></testcase>").outcome is TestOutcome.PASSED


def test_troubles_outside_of_a_test_do_not_count() -> None:
    report = read_report(suite("<error/><properties><failure/></properties><testcase name='a'/>"))
    assert (report.passed, report.failed, report.errors) == (1, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><testsuite><testcase name="café"/></testsuite>'
    assert [case.name for case in read_report(text.encode(encoding)).cases] == ["café"]


@pytest.mark.parametrize(("encoding", "codec"), [("Shift_JIS", "cp932"), ("GBK", "gbk"), ("EUC-KR", "cp949")])
def test_encodings_of_several_bytes(encoding: str, codec: str) -> None:
    name = {"cp932": "試験", "gbk": "测试", "cp949": "시험"}[codec]
    text = f'<?xml version="1.0" encoding="{encoding}"?><testsuite><testcase name="{name}"/></testsuite>'
    assert [case.name for case in read_report(text.encode(codec)).cases] == [name]


def test_a_blank_line_before_the_declaration() -> None:
    assert read_report(b"\n" + BASIC) == read_report(BASIC)


BOMB = """<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = """<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="a"/>&x;</testsuite>"""
PARAMETER = """<!DOCTYPE t [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><testsuite/>"""


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, PARAMETER])
def test_entities_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is refused"):
        read_report(text.encode())


def test_a_doctype_without_entities_is_read_and_what_it_names_is_not_fetched() -> None:
    text = '<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:9/junit.dtd"><testsuite><testcase name="a"/></testsuite>'
    assert read_report(text.encode()).passed == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no XML: no element found, line 1"),
        (b"<testsuite>\n<testcase></testsuite>", "no XML: mismatched tag, line 2"),
        (b"<testsuite><testcase name='\x00'/></testsuite>", "no XML"),
        (b"<html/>", "holds no JUnit report"),
        (b"<a>" * 300 + b"</a>" * 300, "nested deeper than 200"),
        (b'<?xml version="1.0" encoding="klingon"?><testsuite/>', "klingon"),
        (b'<?xml version="1.0" encoding="shift_jis"?><testsuite a="\x81"/>', "encoding can't be read"),
    ],
)
def test_what_is_no_report_is_said(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_report(data)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "_LARGEST_BYTES", 1000)
    monkeypatch.setattr(junit, "_MOST_CASES", 3)
    with pytest.raises(ValueError, match="larger"):
        read_report(suite(" " * 1000))
    with pytest.raises(ValueError, match="more than 3 tests"):
        read_report(suite("<testcase/>" * 4))
    assert read_report(suite("<testcase/>" * 3)).passed == 3


def test_long_messages_are_cut() -> None:
    case = one(f"<testcase><failure>{'a' * 100_000}</failure></testcase>")
    assert 1000 < len(case.message) < 20_000


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_a_sentence(data: bytes) -> None:
    for given_data in (data, suite("").replace(b"><", b">" + data + b"<")):
        # Anything but a ValueError fails the test.
        with suppress(ValueError):
            assert isinstance(read_report(given_data), junit.TestReport)
