"""Every rule and example of https://docs.travis-ci.com/user/conditions-v1/."""

import pytest

from understudy.dialects.travis.conditions import ConditionError, Data, Value, holds, merged, parse, problem

ATTRIBUTES: dict[str, Value] = {
    "type": "push",
    "repo": "ada/engine",
    "branch": "master",
    "tag": None,
    "commit_message": "Fix it (no-deploy)",
    "sender": "my bot",
    "fork": False,
    "os": "linux",
    "env": ({"FOO": "bar", "NAME": "FOO", "EMPTY": "", "QUOTED": '"a b"', "YES": "true", "NO": False},),
}
DATA = Data.of(ATTRIBUTES)


def judged(condition: str) -> bool:
    return holds(parse(condition), DATA)


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        "1 = 1",
        "true != false",
        "env(FOO) = bar",
        "env(env(NAME)) = bar",
        "branch = master AND env(FOO) = bar",
        "branch = other OR env(FOO) = bar",
        "branch = other OR branch = other OR branch = master",
        "branch = master and (env(FOO) = foo or tag is blank)",
        "NOT branch = other",
        "not not branch = master",
        "! (branch = other) && os == linux || false",
        # AND binds stronger than OR, and NOT stronger than AND
        "tag = bar AND os = osx OR branch = master",
        "NOT branch = other AND os = linux",
        "NOT (branch = master AND os = osx)",
        'sender = "my bot"',
        "sender = 'my bot'",
        "sender != my_account",
        "branch =~ ^master$",
        "branch =~ /(master|foo)/",
        "branch ~= mast",
        "branch !~ ^x",
        "(branch =~ ^master)",
        "commit_message =~ /(no-deploy|wip)/",
        'concat("foo", "-", env(FOO)) = foo-bar',
        "branch =~ concat(^, mas, ter)",
        "branch IN (master, dev)",
        'env(FOO) IN ("bar baz", "bar")',
        "branch NOT IN (dev, other)",
        "NOT branch IN (dev, other)",
        "repo IN (env(ONE), concat(ada, /, engine))",
        "branch IS present",
        "tag IS blank",
        "tag is not present",
        "env(EMPTY) IS blank",
        "env(MISSING) IS blank",
        "env(NO) IS NOT present",
        "branch IS true",
        "fork IS false",
        "fork = false",
        "env(YES)",
        "env(YES) = true",
        "env(QUOTED) = 'a b'",
        "branch = master AND \\\n  os = linux AND \\\n type = push",
        "type IN (push,\tpull_request)",
        "branch",
    ],
)
def test_it_holds(condition: str) -> None:
    assert judged(condition) is True
    assert problem(condition) is None


@pytest.mark.parametrize(
    "condition",
    [
        "false",
        "branch = MASTER",
        "tag",
        "env(MISSING)",
        "branch = other AND env(FOO) = bar OR tag = bar",
        "NOT branch = master AND os = linux",
        "branch = master AND NOT os = linux",
        "tag =~ ^.*$",
        "tag =~ env(MISSING)",
        "branch =~ env(MISSING)",
        "branch =~ ^aster",
        "env() = bar",
        "branch IN (mast, er)",
        "branch IS NOT present",
        "env(NO)",
        "fork",
        "branch IS false",
        "tag IN (master)",
    ],
)
def test_it_does_not_hold(condition: str) -> None:
    assert judged(condition) is False


@pytest.mark.parametrize(
    ("condition", "offset"),
    [
        ("", 0),
        ("   ", 3),
        ("= foo", 0),
        ("branch = ", 9),
        ("branch = master AND", 19),
        ("branch = master os = linux", 16),
        ("(branch = master", 16),
        ("branch = master)", 15),
        ("branch = 'master", 9),
        ('branch = "', 9),
        ("branch IS master", 10),
        ("branch = $TRAVIS_BRANCH", 9),
        ("$TRAVIS_BRANCH = master", 0),
        ("branch IN ()", 11),
        ("branch IN dev", 10),
        ("branch IN (a b)", 13),
        ("branch = a = b", 11),
        ("env(FOO = bar", 8),
        ("branch = master \\\n AND \\\n $x", 26),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(condition: str, offset: int) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(condition)
    assert caught.value.offset == offset
    refused = problem(condition)
    assert refused is not None
    assert refused.offset == offset


def test_a_pattern_that_is_none_is_found_before_any_build() -> None:
    refused = problem("branch = master OR branch =~ /[z-a]/")
    assert refused is not None
    assert (refused.pattern, refused.offset) == ("[z-a]", 29)


@pytest.mark.parametrize("condition", ["branch =~ true", "NOT branch =~ true", "env(a, b) = c", "branch IN"])
def test_what_travis_fails_at_when_it_judges_is_an_error_then(condition: str) -> None:
    tree = parse(condition)
    with pytest.raises(ConditionError):
        holds(tree, DATA)


def test_a_name_that_begins_like_a_function_loses_that_beginning_as_on_travis() -> None:
    assert holds(parse("branch = env-1"), Data({"branch": "-1"}))
    assert not holds(parse("branch = env-1"), Data({"branch": "env-1"}))
    assert holds(parse('branch = "env-1"'), Data({"branch": "env-1"}))


def test_a_pattern_without_a_second_slash_goes_on_to_the_end() -> None:
    condition = "tag =~ /^v$ AND type IN (push)"
    assert not holds(parse(condition), Data({"tag": "v", "type": "push"}))
    assert holds(parse(condition), Data({"tag": "v\n AND type IN push"})) is False


@pytest.mark.parametrize(
    ("env", "name", "value"),
    [
        ({"A": "1"}, "A", "1"),
        (({"A": "1"}, {"A": "2"}), "A", "2"),
        (("A=1 B='two words'", "C=$(date '+%s')"), "B", "two words"),
        (("A=1 B='two words'", "C=$(date '+%s')"), "C", "$(date '+%s')"),
        ("A=TRUE", "A", True),
        (r"A=a\ b", "A", r"a\ b"),
        ("nothing", "nothing", ""),
        ("A=1 B='unclosed", "A", None),
        (({"secure": "x"},), "A", None),
        (None, "A", None),
    ],
)
def test_variables_come_in_several_forms(env: Value, name: str, value: Value) -> None:
    assert Data.of({"env": env}).variable(name) == value


def test_the_variables_of_a_configuration_go_before_those_of_the_project() -> None:
    data: dict[str, Value] = {"branch": "main", "env": ({"A": "project", "P": "p"},)}
    config: dict[str, Value] = {
        "os": "osx",
        "env": {"global": ({"A": "global"},), "jobs": ({"J": "1"}, {"J": "2"})},
    }
    together = Data.of(merged(data, config))
    assert [together.variable(name) for name in ("A", "P", "J")] == ["global", "p", "2"]
    assert (together.attributes["branch"], together.attributes["os"]) == ("main", "osx")
