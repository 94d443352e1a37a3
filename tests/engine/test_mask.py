"""Secrets never show, whatever their encoding and however the stream is cut."""

import base64
import html
import json
import shlex
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.engine.mask import MASK, Masker, Secrets, encodings

KEY = "-----BEGIN KEY-----\nMIIEvQIBADAN/Bgkqhk+iG9w\nAAbbCCddEEff\n-----END KEY-----\n"
VALUES = ["hunter2", "p@ss w/rd+é", KEY, "aaaa", "aaaab"]
SECRETS = Secrets(VALUES)


def through(secrets: Secrets, chunks: list[bytes]) -> bytes:
    masker = Masker(secrets)
    return b"".join(map(masker.feed, chunks)) + masker.finish()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


pieces = st.one_of(
    st.sampled_from([value.encode() for value in VALUES]),
    st.sampled_from([base64.b64encode(value.encode()) for value in VALUES]),
    st.sampled_from([quote(value, safe="").encode() for value in VALUES]),
    st.sampled_from(VALUES).flatmap(lambda value: st.integers(0, len(value)).map(lambda size: value.encode()[:size])),
    st.sampled_from([b"\n", b"\r\n", b" ", b"a", b"h", b"hun\nter2"]),
    st.binary(max_size=5),
)


@given(st.lists(pieces, max_size=10).map(b"".join), st.lists(st.integers(0, 10_000), max_size=12))
def test_the_cuts_of_the_stream_make_no_difference(data: bytes, places: list[int]) -> None:
    assert through(SECRETS, cut(data, places)) == SECRETS.hide(data)


@given(st.lists(pieces, max_size=10).map(b"".join))
def test_no_secret_is_left(data: bytes) -> None:
    masked = through(SECRETS, [data])
    for value in ("hunter2", "p@ss w/rd+é", "MIIEvQIBADAN/Bgkqhk+iG9w", "aaaa"):
        assert value.encode() not in masked


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=4, max_size=40).filter(
        lambda value: value.strip() == value and "*" not in value and value not in {"true", "True", "false", "False"}
    ),
    st.binary(max_size=4),
    st.binary(max_size=4),
)
def test_every_encoding_is_hidden(value: str, before: bytes, after: bytes) -> None:
    secrets = Secrets([value])
    raw = value.encode()
    whole = {
        "plain": raw,
        "url": quote(value, safe="").encode(),
        "form": quote_plus(value).encode(),
        "json": json.dumps(value)[1:-1].encode(),
        "base64": base64.b64encode(raw),
        "urlsafe": base64.urlsafe_b64encode(raw),
        "shell": shlex.quote(value)[1:-1].encode() if shlex.quote(value) != value else raw,
        "xml": html.escape(value).encode(),
    }
    for name, form in whole.items():
        assert form not in through(secrets, [b"x: " + form + b" :y"]), name
    # within a longer text, only the characters that mix with its neighbours may show: two at each end
    inside = base64.b64encode(before + raw + after)
    start, end = -(-len(before) * 8 // 6), (len(before) + len(raw)) * 8 // 6
    core = inside[start:end]
    assert core not in through(secrets, [b"(" + inside + b")"])


@pytest.mark.parametrize("width", [1, 3, 20])
def test_lines_do_not_break_a_secret(width: int) -> None:
    for value in ("correct-horse-battery", base64.b64encode(KEY.encode()).decode()):
        folded = "\r\n".join(value[at : at + width] for at in range(0, len(value), width))
        assert through(Secrets(["correct-horse-battery", KEY]), [f"<{folded}>".encode()]) == b"<" + MASK + b">"


def test_a_secret_of_many_lines_is_hidden_line_by_line() -> None:
    masked = through(SECRETS, [b"  MIIEvQIBADAN/Bgkqhk+iG9w  \n", b"> AAbbCCddEEff\n"])
    assert masked == b"  ****  \n> ****\n"


def test_what_is_too_short_or_too_common_stays() -> None:
    # https://circleci.com/docs/env-vars/#secrets-masking
    secrets = Secrets(["abc", "true", "False", ""])
    assert not secrets
    assert through(secrets, [b"abc true False"]) == b"abc true False"
    assert encodings("abc") == frozenset()


def test_the_longer_of_two_secrets_wins() -> None:
    assert through(Secrets(["pass", "password"]), [b"a pass", b"word b pass"]) == b"a **** b ****"


def test_a_beginning_waits_only_while_it_may_become_a_secret() -> None:
    masker = Masker(Secrets(["hunter2"]))
    assert masker.feed(b"go hunt") == b"go "
    assert masker.feed(b"ing") == b"hunting"
    assert masker.finish() == b""


def test_more_secrets_join_those_there_are() -> None:
    more = Secrets(["first-one"]).also(["other-one"])
    assert more.hide(b"first-one other-one") == b"**** ****"
    assert more.also(["first-one"]) is more
    assert more.hide_text("an other-one") == "an ****"


def test_a_secret_need_not_be_text() -> None:
    value = b"pass\xffword".decode("utf-8", "surrogateescape")
    masked = through(Secrets([value]), [b"a pass\xffword b ", base64.b64encode(b"pass\xffword"), b" pass%FFword"])
    assert masked == b"a **** b **** ****"


def test_a_service_may_have_a_mask_of_its_own() -> None:
    secrets = Secrets(["correct-horse"], b"***")
    assert secrets.hide(b"it is correct-horse") == b"it is ***"
    assert through(secrets.also(["battery"]), [b"correct-", b"horse battery"]) == b"*** ***"
