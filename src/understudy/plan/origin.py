"""The address a repository came from: host, owner and name out of its URL, and the URL without its credentials."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

_SCP_LIKE = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>\[[^\]/]+\]|[^@/:]{2,}):(?!//)(?P<path>.+)", re.DOTALL)
_FAMILIES = ("github", "bitbucket", "gitlab")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a repository came from. `host` is a family (`github`, `bitbucket`, `gitlab`) or the host's own name."""

    url: str = ""
    host: str = ""
    owner: str = ""
    repository: str = ""


def parse_origin(url: str) -> Origin:
    """The parts of a git URL: `https://`, `ssh://`, `git://`, scp-like (`git@host:owner/name`) or a local path.

    Passwords, tokens, queries and, outside ssh, user names are dropped from `url`. An unreadable URL gives nothing.
    """
    url = "".join(character for character in url if character.isprintable()).strip()
    if "://" in url:
        return _from_url(url)
    if match := _SCP_LIKE.fullmatch(url):
        user = f"{match['user']}@" if match["user"] else ""
        return _named(f"{user}{match['host']}:{match['path']}", match["host"], match["path"])
    return _named(url, "", url)


def without_aliases(url: str, settings: Mapping[str, str]) -> str:
    """`url` with git's `url.BASE.insteadOf` of `settings` applied: the longest matching prefix wins.

    https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlltbasegtinsteadOf
    """
    prefixes = {
        prefix: name.removeprefix("url.").removesuffix(".insteadof")
        for name, prefix in settings.items()
        if name.startswith("url.") and name.endswith(".insteadof") and prefix and url.startswith(prefix)
    }
    if not prefixes:
        return url
    longest = max(prefixes, key=len)
    return prefixes[longest] + url[len(longest) :]


def _from_url(url: str) -> Origin:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Origin()
    if parts.scheme == "file":
        return _named(url, "", parts.path)
    user = f"{parts.username}@" if parts.username and "ssh" in parts.scheme else ""
    shown_host = f"[{host}]" if ":" in host else host
    place = f"{user}{shown_host}" + (f":{port}" if port else "")
    return _named(urlunsplit((parts.scheme, place, parts.path, "", "")), host, parts.path)


def _named(url: str, host: str, path: str) -> Origin:
    segments = [segment for segment in path.strip("/").removesuffix(".git").split("/") if segment]
    name = segments[-1] if segments else ""
    owner = "/".join(segments[:-1]) if host else ""
    return Origin(url=url, host=_family(host), owner=owner, repository=name)


def _family(host: str) -> str:
    labels = host.lower().split(".")
    return next((family for family in _FAMILIES if family in labels), host.lower())
