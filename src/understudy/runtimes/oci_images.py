"""Images: which one a name means here, whether it is present, and fetching it from its registry."""

import base64
import difflib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from understudy.errors import MachineError
from understudy.runtimes.oci_catalogue import mapped
from understudy.runtimes.oci_client import Client, EngineError, Json
from understudy.runtimes.oci_logins import login_for, registry_of
from understudy.runtimes.oci_settings import OciSettings, Pull

KEEPS_ENTRYPOINT = "com.circleci.preserve-entrypoint"
"""A label: https://circleci.com/docs/guides/execution-managed/custom-images/#adding-an-entrypoint."""
REACH_S = 6.0
"""How long a registry may take to say whether it has an image, when nobody asked for containers."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is present: its id, the digest its registry knows it by, and what its configuration says.

    `keeps_entrypoint`: it insists that its `entrypoint` is performed in jobs, too (see `KEEPS_ENTRYPOINT`).
    """

    name: str
    id: str
    digest: str
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    ports: tuple[int, ...] = ()
    checks_health: bool = False
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    keeps_entrypoint: bool = False


Tell = Callable[[str], None]
"""Takes one line about what goes on."""


def silent(line: str) -> None:
    """Tells nobody."""
    del line


class Images:
    """The images of one engine. Threads may share it: an image is fetched once, whoever asks."""

    def __init__(self, client: Client, settings: OciSettings) -> None:
        self._client = client
        self._settings = settings
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._fetched: set[str] = set()

    def mapped(self, name: str) -> str:
        """What `name` of a CI file means here, by the user's map and the catalogue."""
        return mapped(name, self._settings.images)

    def present(self, name: str) -> Image | None:
        """The image called `name` (as mapped), if the engine has it."""
        wanted = self.mapped(name)
        try:
            return _image(name, wanted, self._client.get(f"/images/{wanted}/json"))
        except EngineError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}:
                return None
            raise

    def obtain(self, name: str, credentials: Mapping[str, str] | None = None, tell: Tell = silent) -> Image:
        """The image called `name`, fetched as the pull setting says. Raises MachineError with what to do."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            found = self.present(name)
            policy = self._settings.pull
            if policy is Pull.ALWAYS and name not in self._fetched:
                self._fetch(name, credentials or {}, tell)
                self._fetched.add(name)
                found = self.present(name)
            elif found is None and policy is Pull.NEVER:
                raise MachineError(
                    f"the image `{self.mapped(name)}` is not here, and `--pull never` forbids to fetch it",
                    hint=self._hint(name),
                )
            elif found is None:
                self._fetch(name, credentials or {}, tell)
                found = self.present(name)
        if found is None:
            raise MachineError(f"the image `{self.mapped(name)}` was fetched and is not here", hint=self._hint(name))
        return found

    def unobtainable(self, name: str, credentials: Mapping[str, str] | None = None) -> str | None:
        """Why `name` can't be had, in a clause; None when it is here or its registry has it. Fetches nothing."""
        if self._settings.pull is not Pull.ALWAYS and self.present(name) is not None:
            return None
        if self._settings.pull is Pull.NEVER:
            return "it is not here"
        wanted = self.mapped(name)
        try:
            headers = self._login(wanted, credentials or {})
            self._client.ask("GET", f"/distribution/{wanted}/json", headers=headers, timeout_s=REACH_S)
        except EngineError as error:
            if error.message == "Not Found":  # an engine that can't be asked: Podman
                return self._unfetchable(name, credentials)
            return explained(wanted, error.message)[0]
        except MachineError as error:
            return explained(wanted, error.message)[0]
        return None

    def _unfetchable(self, name: str, credentials: Mapping[str, str] | None) -> str | None:
        try:
            self.obtain(name, credentials)
        except MachineError as error:
            return error.message
        return None

    def local_names(self) -> tuple[str, ...]:
        """The tags of all images here."""
        rows: Json = self._client.get("/images/json") or ()
        return tuple(sorted({tag for row in rows for tag in row.get("RepoTags") or () if tag != "<none>:<none>"}))

    def _fetch(self, name: str, credentials: Mapping[str, str], tell: Tell) -> None:
        wanted = self.mapped(name)
        query = {"fromImage": wanted}
        if "@" not in wanted and ":" not in wanted.rpartition("/")[2]:
            query["tag"] = "latest"
        tell(f"fetching image {wanted}")
        try:
            headers = self._login(wanted, credentials)
            with self._client.answer("POST", "/images/create", query=query, headers=headers) as answer:
                complaint = _follow(answer, tell)
        except EngineError as error:
            complaint = error.message
        if complaint:
            sentence, hint = explained(wanted, complaint)
            raise MachineError(sentence, hint=hint or self._hint(name))

    def _login(self, wanted: str, credentials: Mapping[str, str]) -> dict[str, str]:
        login = login_for(registry_of(wanted), credentials, self._settings)
        if not login:
            return {}
        return {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()}

    def _hint(self, name: str) -> str:
        """The local image that comes nearest, or how to name another."""
        wanted, names = self.mapped(name), self.local_names()
        repository = wanted.partition("@")[0].rpartition(":")[0] or wanted
        same = [one for one in names if one.rpartition(":")[0] == repository]
        near = difflib.get_close_matches(wanted, same or names, 1, 0.6) or same[:1]
        mapping = f'[images] "{name}" = "{near[0] if near else "ANOTHER"}" in understudy.toml'
        return f"the nearest image here is `{near[0]}`; to use it: {mapping}" if near else f"to use another: {mapping}"


def _image(name: str, wanted: str, told: Json) -> Image:
    config = told.get("Config") or {}
    digests = told.get("RepoDigests") or ()
    repository = wanted.partition("@")[0]
    repository = repository.rpartition(":")[0] if ":" in repository.rpartition("/")[2] else repository
    own = [one for one in digests if one.partition("@")[0] == repository]
    ports = [port.partition("/") for port in config.get("ExposedPorts") or ()]
    check = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return Image(
        name,
        told["Id"],
        (own or [f"{repository}@{told['Id']}"])[0],
        dict(pair.split("=", 1) for pair in config.get("Env") or () if "=" in pair),
        config.get("User") or "",
        tuple(sorted(int(number) for number, _, kind in ports if kind in {"", "tcp"} and number.isdecimal())),
        check[0] != "NONE",
        tuple(config.get("Entrypoint") or ()),
        tuple(config.get("Cmd") or ()),
        (config.get("Labels") or {}).get(KEEPS_ENTRYPOINT) == "true",
    )


def _follow(answer: object, tell: Tell) -> str:
    """Reads a fetch's progress to its end; the complaint, if it failed."""
    shown: dict[str, int] = {}
    for line in answer:  # type: ignore[attr-defined] # an HTTPResponse
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if complaint := told.get("error"):
            return str(complaint)
        detail = told.get("progressDetail") or {}
        if detail.get("total") and told.get("status") == "Downloading":
            layer, share = str(told.get("id")), 100 * detail.get("current", 0) // detail["total"]
            if share >= shown.get(layer, 0) + 25:
                shown[layer] = share
                tell(f"layer {layer}: {share}% of {detail['total'] / 1e6:.0f} MB")
        elif str(told.get("status", "")).startswith(("Digest:", "Status:")):
            tell(str(told["status"]))
    return ""


_COMPLAINTS = (
    (("no space left", "disk quota"), "the disk is full: the image `{}` could not be fetched",
     "free space (`docker system df` says what images hold), then again"),
    (("incorrect username or password", "unauthorized: authentication"), "the registry refuses the login for `{}`",
     "check the password that the file's `auth` names, or `docker login`"),
    (("manifest unknown", "not found", "does not exist", "name unknown"), "there is no image `{}` at its registry", ""),
    (("unauthorized", "denied", "forbidden", "no basic auth"), "the registry gives `{}` to nobody without a login",
     "give it in `auth` (and its secret in understudy.toml), or `docker login`"),
    (("toomanyrequests", "rate limit"), "the registry has had too many requests, and refuses `{}` for now",
     "`docker login` raises its limit"),
    (("digest", "checksum", "unexpected commit"), "what the registry sent for `{}` is not what its digest promises",
     "fetch it again; if it stays so, the registry or a proxy before it is damaged"),
    (("no such host", "dial tcp", "timeout", "deadline", "refused", "unreachable", "tls:", "x509", "no answer",
      "eof", "reset by peer", "pinging container registry"), "the registry of `{}` can't be reached", ""),
)  # fmt: skip
"""What engines and registries say, as we say it, and what to do; an empty hint: the nearest image here."""


def explained(wanted: str, complaint: str) -> tuple[str, str]:
    """What an engine or a registry said against the image `wanted`: our sentence, and what to do."""
    lower = complaint.lower()
    for signs, sentence, hint in _COMPLAINTS:
        if any(sign in lower for sign in signs):
            return f"{sentence.format(wanted)} ({complaint.strip()})", hint
    return f"the image `{wanted}` can't be had: {complaint.strip()}", ""
