"""Passwords in addresses: this machine's network settings may hold them, and nobody but the network should see them."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

_USER_INFO = re.compile(
    r"(?P<before>\w[\w+.-]*://|(?:^|(?<=\s)))(?P<user>[^/\s:@?#]*)(?P<rest>:[^/\s?#]*)?@(?=[^/\s@])"
)
"""`user:password@` of every address in a text, with or without a scheme in front of it."""


def credentials_in(env: Mapping[str, str]) -> tuple[str, ...]:
    """Every password, and every user name without a password (a token), in the addresses of `env`, as it may show."""
    return tuple(dict.fromkeys(one for value in env.values() for one in _credentials(value)))


def _credentials(value: str) -> Iterator[str]:
    for found in _USER_INFO.finditer(value):
        user, password = found["user"], (found["rest"] or "")[1:]
        secret = password or user
        # As it is written, as it is meant, and as basic authentication encodes it.
        yield from (secret, unquote(secret), f"{unquote(user)}:{unquote(password)}")


def without_credentials(env: Mapping[str, str]) -> dict[str, str]:
    """`env` with the addresses in it, and nobody's name or password."""
    return {name: _USER_INFO.sub(lambda found: found["before"], value) for name, value in env.items()}
