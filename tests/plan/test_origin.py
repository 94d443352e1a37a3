"""Where a repository came from, told from its URL as git allows it to be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.plan.origin import Origin, parse_origin, without_aliases


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("git@github.com:ada/engine.git", ("git@github.com:ada/engine.git", "github", "ada", "engine")),
        ("github.com:ada/engine", ("github.com:ada/engine", "github", "ada", "engine")),
        ("https://github.com/ada/engine", ("https://github.com/ada/engine", "github", "ada", "engine")),
        ("https://github.com/ada/engine.git/", ("https://github.com/ada/engine.git/", "github", "ada", "engine")),
        ("https://ada:s3cret@bitbucket.org/ada/engine.git",
         ("https://bitbucket.org/ada/engine.git", "bitbucket", "ada", "engine")),
        ("https://x-token@github.com/ada/engine", ("https://github.com/ada/engine", "github", "ada", "engine")),
        ("https://gitlab.example.org:8443/group/sub/engine.git?private_token=s3cret",
         ("https://gitlab.example.org:8443/group/sub/engine.git", "gitlab", "group/sub", "engine")),
        ("ssh://git:s3cret@git.example.org:2222/ada/engine.git",
         ("ssh://git@git.example.org:2222/ada/engine.git", "git.example.org", "ada", "engine")),
        ("git://example.org/engine.git", ("git://example.org/engine.git", "example.org", "", "engine")),
        ("/srv/git/engine.git", ("/srv/git/engine.git", "", "", "engine")),
        ("../engine", ("../engine", "", "", "engine")),
        ("file:///srv/git/engine.git", ("file:///srv/git/engine.git", "", "", "engine")),
    ],
)  # fmt: skip
def test_urls(url: str, expected: tuple[str, str, str, str]) -> None:
    assert parse_origin(url) == Origin(*expected)


@given(st.text(max_size=40))
def test_any_text_is_taken(url: str) -> None:
    assert "\n" not in parse_origin(url).url


@given(st.sampled_from(("https", "http", "ssh", "git+ssh")))
def test_a_password_never_stays(scheme: str) -> None:
    assert "s3cret" not in repr(parse_origin(f"{scheme}://ada:s3cret@example.org/a/b"))


def test_the_longest_alias_wins() -> None:
    settings = {
        "url.https://github.com/.insteadof": "gh:",
        "url.git@github.com:ada/.insteadof": "gh:ada/",
        "remote.origin.url": "gh:ada/engine",
    }
    assert without_aliases("gh:ada/engine", settings) == "git@github.com:ada/engine"
    assert without_aliases("gh:bob/engine", settings) == "https://github.com/bob/engine"
    assert without_aliases("/srv/engine", settings) == "/srv/engine"
