"""Templates of cache keys, by CircleCI's table of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from understudy.dialects.base import EvaluationError, Place, Scope
from understudy.dialects.circleci.keys import is_key_template, located, problem, render
from understudy.model.results import Facts

FILES = {
    "/home/ann/project/lock": b"",
    "/home/ann/other": b"abc",
    "/abs": b"abc",
    "/home/ann/project/a b": b"abc",
    "/proc/cpuinfo": b"processor\t: 0\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: some\n",
}
PLACE = Place("r", "n", 17, workdir="/home/ann/project", home="/home/ann")
FACTS = Facts(root="/p", branch="main", sha="c" * 40)
SCOPE = Scope(FACTS, PLACE, env={"V": "2", "EMPTY": ""}, secrets={"S": "s"}, read_file=FILES.get, now=1700000000.75)

# SHA-256 of nothing and of `abc`, from FIPS 180-2, in Base64.
NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
ABC = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("plain", "plain"),
        ('v1-{{ checksum "lock" }}', f"v1-{NOTHING}"),
        ('v1-{{checksum "lock"}}', f"v1-{NOTHING}"),
        ('{{ checksum "~/other" }}', ABC),
        ('{{ checksum "/abs" }}', ABC),
        ('{{ checksum "../other" }}', ABC),
        ('{{ checksum "a b" }}', ABC),
        ("{{ checksum `a b` }}", ABC),
        (r'{{ checksum "a\x20b" }}', ABC),
        ("{{ .Branch }}-{{ .Revision }}-{{ .BuildNum }}", f"main-{'c' * 40}-17"),
        ("a-{{.Environment.V}}-b", "a-2-b"),
        ("{{ .Environment.S }}", "s"),
        ("{{ .Environment.EMPTY }}", ""),
        ("{{ .Environment.UNSET }}", "<no value>"),
        ("{{ epoch }}", "1700000000"),
        ("v1-{{ arch }}-x", "v1-linux-amd64-6_85-x"),
        ("a {{- epoch -}} b", "a1700000000b"),
        ("a {{ epoch -}}\n b", "a 1700000000b"),
        ("a{{/* why */}}b", "ab"),
        ('{{ "literal" }}', "literal"),
        ("one } two }} three { four", "one } two }} three { four"),
    ],
)
def test_keys(template: str, key: str) -> None:
    assert problem(template) is None
    assert render(template, SCOPE) == key


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (
            "{{ hashFiles }}",
            "`hashFiles` is no function; known are `.Branch`, `.BuildNum`, `.Revision`, `.CheckoutKey`",
        ),
        ("{{ .Names }}", "`.Names` is no value"),
        ("{{ .Environment }}", "`.Environment` is no value"),
        ("{{ .Environment.A.B }}", "is no value"),
        ("{{ checksum }}", "`checksum` takes 1 argument, not 0"),
        ('{{ checksum "a" "b" }}', "not 2"),
        ("{{ checksum lock }}", "stands in quotes"),
        ("{{ checksum 'lock' }}", "is not understood"),
        ("{{ epoch 1 }}", "is not understood"),
        ("{{ .Branch", "never closed"),
        ("{{ }}", "holds nothing"),
        ("{{ .Branch .Revision }}", "takes no argument"),
        ("{{ arch | printf }}", "is not understood"),
    ],
)
def test_wrong_keys_are_found_before_the_run(template: str, told: str) -> None:
    found = problem(template)
    assert found is not None
    assert told in found
    with pytest.raises(EvaluationError, match="error computing cache key"):
        render(template, SCOPE)


def test_a_missing_file_is_an_error_that_names_it() -> None:
    assert problem('{{ checksum "gone" }}') is None
    with pytest.raises(EvaluationError, match="can't open `/home/ann/project/gone`"):
        render('{{ checksum "gone" }}', SCOPE)


def test_a_tag_has_no_branch() -> None:
    assert render("{{ .Branch }}", Scope(Facts(root="/p", branch="main", tag="v1"), PLACE)) == ""


def test_arm_is_told_from_amd64() -> None:
    scope = Scope(FACTS, PLACE, read_file={"/proc/cpuinfo": b"CPU implementer : 0x41\n"}.get)
    assert render("{{ arch }}", scope) == "linux-arm64"


def test_the_checkout_key_stays_the_same() -> None:
    assert render("{{ .CheckoutKey }}", SCOPE) == render("{{ .CheckoutKey }}", Scope(FACTS))


def test_only_texts_with_templates_of_keys_are_templates() -> None:
    assert is_key_template("v1-{{ .Branch }}")
    assert is_key_template('{{checksum "a"}}')
    assert is_key_template("{{- arch }}")
    assert not is_key_template("{{.Names}}\t{{.Image}}")
    assert not is_key_template("plain")


def test_places() -> None:
    assert located("~", SCOPE) == "/home/ann"
    assert located("a/../b", SCOPE) == "/home/ann/project/b"


@given(some.text(alphabet='{}-./"`\\ \n*chesumarpoBnE', max_size=60) | some.text(max_size=40))
def test_any_template_gives_a_key_or_is_refused(template: str) -> None:
    every_file = Scope(FACTS, PLACE, read_file=lambda _path: b"")
    if problem(template) is None:
        assert isinstance(render(template, every_file), str)
    else:
        with pytest.raises(EvaluationError, match="error computing cache key"):
            render(template, every_file)
