"""Several variables in one line: https://docs.travis-ci.com/user/environment-variables/"""

import pytest

from understudy.dialects.travis.normalise.variables import VariableError, variables


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("FOO=foo", {"FOO": "foo"}),
        ("FOO=foo BAR=bar", {"FOO": "foo", "BAR": "bar"}),
        ("  FOO=foo\n  BAR=bar  ", {"FOO": "foo", "BAR": "bar"}),
        ("FOO=", {"FOO": ""}),
        ("FOO", {"FOO": ""}),
        ("FOO BAR=1", {"FOO": "", "BAR": "1"}),
        ('FOO="a b" BAR=c', {"FOO": '"a b"', "BAR": "c"}),
        ("FOO='a b' BAR=c", {"FOO": "'a b'", "BAR": "c"}),
        ("FOO=`ls -l`", {"FOO": "`ls -l`"}),
        ("FOO=a\\ b", {"FOO": "a\\ b"}),
        ('FOO="a \\"b\\" c"', {"FOO": '"a \\"b\\" c"'}),
        ('FOO="$(echo 1)"', {"FOO": '"$(echo 1)"'}),
        ("FOO=$(echo 1)", {"FOO": "$(echo 1)"}),
        ("FOO=${BAR} BAZ=1", {"FOO": "${BAR} BAZ=1"}),
        ('FOO=a"b c"d', {"FOO": 'a"b c"d'}),
        ("URL=http://x/?a=1", {"URL": "http://x/?a=1"}),
        ('"FOO=foo bar"', {"FOO": "foo"}),
        ("FOO=1 FOO=2", {"FOO": "2"}),
    ],
)
def test_lines(line: str, pairs: dict[str, str]) -> None:
    assert dict(variables(line)) == pairs


@pytest.mark.parametrize("line", ['FOO="a', "FOO='a", "FOO=`a", "=foo", 'FOO="a\\nb it\'s"'])
def test_lines_that_mean_nothing(line: str) -> None:
    with pytest.raises(VariableError):
        variables(line)


def test_parentheses_in_parentheses_end() -> None:
    with pytest.raises(VariableError):
        variables("FOO=" + "$(" * 5000)
