"""CircleCI's orb registry: asks for the source of an orb over the network."""

import json
import re
from dataclasses import dataclass

from understudy.errors import InputError, MachineError

REFERENCE = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+@[A-Za-z0-9._:-]+")
"""`namespace/name@version`."""

_VERSION = re.compile(r"[A-Za-z0-9._:-]+")
_QUERY = "query($reference: String!) { orbVersion(orbVersionRef: $reference) { version source } }"
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OrbSource:
    """The source of an orb, and the whole version that the reference stands for now."""

    version: str
    source: bytes


def fetch(reference: str, address: str, *, timeout_s: float) -> OrbSource:
    """Asks the registry at `address` for the orb `reference` (a partial version or `volatile` means the newest of it).

    Raises MachineError where it can't be asked, InputError where it has no such orb.
    See https://circleci.com/docs/orbs/use/orb-concepts/#semantic-versioning.
    """
    answer = _posted(address, {"query": _QUERY, "variables": {"reference": reference}}, reference, timeout_s)
    try:
        found = json.loads(answer)["data"]["orbVersion"]
        if found is None:
            raise InputError(f"the registry has no orb `{reference}`", hint="check its name and version")
        return _source(str(found["version"]), str(found["source"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MachineError(
            f"the orb `{reference}` can't be fetched: {address} answered something else than a registry does",
            hint="see UNDERSTUDY_ORB_REGISTRY in docs/commands.md",
        ) from error


def _source(version: str, source: str) -> OrbSource:
    if not _VERSION.fullmatch(version):  # it becomes part of a file's name
        raise ValueError(version)
    return OrbSource(version, source.encode())


def _posted(address: str, value: object, reference: str, timeout_s: float) -> bytes:
    # Only now: a plan of a file without orbs shall not wait for them to load.
    from http.client import HTTPException  # noqa: PLC0415
    from urllib.request import Request, urlopen  # noqa: PLC0415

    if not address.startswith(("https://", "http://")):
        raise InputError(f"`{address}` is no address of a registry", hint="it begins with https://")
    headers = {"Content-Type": "application/json", "User-Agent": "understudy"}
    request = Request(address, json.dumps(value).encode(), headers)  # noqa: S310 - the scheme is looked at above
    try:
        with urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            content: bytes = answer.read(_MOST_BYTES)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise MachineError(
            f"the orb `{reference}` can't be fetched from {address}: {reason}",
            hint="try again where there is a network, or give its source: "
            f"`understudy orbs add {reference} --from FILE`",
        ) from error
    return content
