"""Flags, understudy.toml and the environment become one frozen Settings; the only reader of the environment."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from understudy.errors import InputError

GIBIBYTE = 1024**3

NETWORK_VARIABLES = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
    "HTTPLIB2_CA_CERTS", "AWS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy",
    "https_proxy", "no_proxy", "all_proxy", "PIP_CERT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST",
    "PIP_FIND_LINKS", "PIP_DEFAULT_TIMEOUT", "PIP_PROXY", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_NATIVE_TLS",
    "NPM_CONFIG_REGISTRY", "NPM_CONFIG_CAFILE", "npm_config_registry", "npm_config_cafile",
)  # fmt: skip
"""What a company network makes its programs need: handed to rooms unless `network_settings = false`."""

_ACTION = re.compile(r"[\w.-]+/[\w.-]+(@\S+)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ORB_REGISTRY = "https://circleci.com/graphql-unstable"
_ACTIONS_HOST = "https://github.com"
_PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "cert", "proxy", "find-links", "timeout")
_NPM_KEYS = ("registry", "cafile")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user decided, from the command line down to the defaults; passed on as a value.

    `store`: the store's folder. `jobs`: rooms at once. `runtime`: None chooses by what works here. `room_env`: this
    machine's network settings for every room. `secrets`: name to value, given to every job and masked. `contexts`:
    sets of secrets by the name a CI file calls them. `unset`: secrets that were promised and have no value, by their
    place in the settings: the context they are of (None: they are for every job) and, in words, where they were to come
    from. `approve`: approvals given in advance. `cache_limit_bytes`: what
    the store may hold before old caches go. `offline`: nothing is fetched unasked. `orb_registry`: where orbs are
    asked for. `actions`: what stands in for repositories of actions, by `owner/repository`; `actions_host`: where the
    others are fetched from. `containers`: what is decided about container engines, as `runtimes/oci_settings.py`
    names it.
    """

    store: Path
    jobs: int = 2
    runtime: str | None = None
    network: bool = True
    committed: bool = False
    go_on: bool = False
    ci: str | None = None
    approve: frozenset[str] = frozenset()
    room_env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unset: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)
    cache_limit_bytes: int = 10 * GIBIBYTE
    home: Path = Path("/")
    color: bool = False
    unicode: bool = True
    tty: bool = False
    interactive: bool = False
    actor: str = ""
    offline: bool = False
    orb_registry: str = ""
    actions: Mapping[str, str] = field(default_factory=dict)
    actions_host: str = ""
    containers: Mapping[str, Any] = field(default_factory=dict)


_FILE_KEYS = {
    "jobs": int, "runtime": str, "offline": bool, "network": bool, "ci": str, "cache_limit_gib": (int, float),
    "network_settings": bool, "contexts": dict, "secrets": dict, "approve": list, "images": dict, "pull": str,
    "actions": dict, "limits": str, "gpus": bool, "host_network": bool, "shm_mib": int, "ulimits": dict,
}  # fmt: skip


def load(root: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings for the repository at `root`. Raises InputError for a bad file or flag.

    Order: flags, then `understudy.toml` or `[tool.understudy]` of `pyproject.toml` in `root`, then the environment,
    then defaults. `flags` holds fields of Settings (None: not given), `secret_files`, a sequence of paths, and
    `secret_names`, of variables in the environment. Of several values of a secret the last one wins, in that order.
    """
    given = _file_values(root) if root else {}
    store = flags.get("store") or os.environ.get("UNDERSTUDY_STORE") or _data_home() / "understudy"
    chosen: dict[str, Any] = {
        "store": Path(store).expanduser().absolute(),
        "jobs": given.get("jobs", _default_jobs()),
        "runtime": given.get("runtime", os.environ.get("UNDERSTUDY_RUNTIME") or None),
        "network": given.get("network", True),
        "ci": given.get("ci"),
        "cache_limit_bytes": int(given.get("cache_limit_gib", 10) * GIBIBYTE),
        "room_env": _network_settings() if given.get("network_settings", True) else {},
        "home": Path.home(),
        "offline": given.get("offline", bool(os.environ.get("UNDERSTUDY_OFFLINE"))),
        # Not from the file: what somebody's repository holds shall not say whom this machine asks.
        "orb_registry": os.environ.get("UNDERSTUDY_ORB_REGISTRY") or _ORB_REGISTRY,
        "actions_host": os.environ.get("UNDERSTUDY_ACTIONS_HOST") or _ACTIONS_HOST,
        "actions": {**_stand_ins(given.get("actions", {})), **_stand_ins_of_user()},
        "actor": os.environ.get("USER", ""),
        "approve": frozenset(given.get("approve", ())),
        "containers": _containers(given, flags),
        **terminal(flags.get("color_when") or "auto"),
    }
    unset: dict[str, tuple[str | None, str]] = {}
    secrets = _resolve(given.get("secrets", {}), None, unset)
    chosen["contexts"] = {name: _resolve(values, name, unset) for name, values in given.get("contexts", {}).items()}
    for path in flags.get("secret_files") or ():
        secrets |= _secret_file(Path(path))
    secrets |= {name: _secret_variable(name) for name in flags.get("secret_names") or ()}
    chosen["secrets"] = secrets
    chosen["unset"] = {place: why for place, why in unset.items() if place.removeprefix("secrets.") not in secrets}
    names = {one.name for one in fields(Settings)}
    chosen |= {name: value for name, value in flags.items() if name in names - {"store"} and value is not None}
    chosen["approve"] = frozenset(chosen["approve"])
    if chosen["jobs"] < 1:
        raise InputError(f"`--jobs {chosen['jobs']}` is less than one", hint="give the number of jobs to run at once")
    return Settings(**chosen)


def _data_home() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"


def _default_jobs() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def terminal(color: str = "auto") -> dict[str, bool]:
    """What the terminal can show; `color`: `auto`, `always` or `never`. Keys are fields of Settings."""
    tty = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    encoding = (getattr(sys.stderr, "encoding", None) or "ascii").lower().replace("-", "")
    forced = bool(os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"))
    wanted = (tty or forced) and not os.environ.get("NO_COLOR")
    return {
        "color": color == "always" or (color == "auto" and wanted),
        # Python writes UTF-8 in the C locale too (PEP 540); who asks for that locale wants ASCII all the same.
        "unicode": encoding.startswith("utf") and os.environ.get("LC_ALL") not in {"C", "POSIX"},
        "tty": tty,
        "interactive": tty and sys.stdin.isatty() and not os.environ.get("CI"),
    }


def _stand_ins(values: Mapping[str, Any]) -> dict[str, str]:
    """The repository's own stand-ins for actions: folders in it, and addresses of mirrors. Raises InputError."""
    for name, value in values.items():
        if not _ACTION.fullmatch(name) or not isinstance(value, str) or not value:
            hint = '[actions] "owner/repository" = "a folder, or the address of a mirror"'
            raise InputError(f"`actions.{name}` names no repository and what stands in for it", hint=hint)
        # What somebody's repository holds shall not bring a folder of this machine into a room.
        if value.startswith(("/", "~", "file:")) or ".." in value.split("/"):
            hint = f"export UNDERSTUDY_ACTIONS={name}=FOLDER"
            raise InputError(f"`actions.{name}` leads out of the repository", hint=hint)
    return dict(values)


def _stand_ins_of_user() -> dict[str, str]:
    """`UNDERSTUDY_ACTIONS`: `owner/repository=FOLDER`, several with spaces between them. Raises InputError."""
    found = {}
    for pair in os.environ.get("UNDERSTUDY_ACTIONS", "").split():
        name, equals, value = pair.partition("=")
        if not _ACTION.fullmatch(name) or not equals or not value:
            hint = "owner/repository=FOLDER, several with spaces between them"
            raise InputError(f"`{pair}` in UNDERSTUDY_ACTIONS names no repository and a folder", hint=hint)
        found[name] = value if "://" in value else str(Path(value).expanduser().absolute())
    return found


_PULLS = ("always", "missing", "never")
_LIMITS = ("hosted", "none")
DOCKER_IN_JOBS = ("socket", "nested", "none")
_ENGINE_VARIABLES = (
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_HOST", "XDG_RUNTIME_DIR",
)  # fmt: skip


def _containers(given: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """What is decided about container engines; keys are those of `OciSettings`. Raises InputError."""
    values = {name: flags.get(name) if flags.get(name) is not None else given.get(name) for name in ("pull", "limits")}
    for name, known in (("pull", _PULLS), ("limits", _LIMITS)):
        if values[name] not in (None, *known):
            raise InputError(f"`{name}` is `{values[name]}`, which is none of {', '.join(known)}")
    for name, image in given.get("images", {}).items():
        if not isinstance(image, str) or not image:
            raise InputError(f'`images."{name}"` must be the name of an image', hint='"ubuntu-latest" = "ubuntu:24.04"')
    config = os.environ.get("DOCKER_CONFIG")
    offline = flags.get("offline") or given.get("offline", bool(os.environ.get("UNDERSTUDY_OFFLINE")))
    return {
        "images": given.get("images", {}),
        "pull": values["pull"] or ("never" if offline else "missing"),
        "limits": values["limits"] != "none",
        "gpus": flags.get("gpus") if flags.get("gpus") is not None else given.get("gpus"),
        "in_jobs": _docker_in_jobs(flags),
        "host_network": given.get("host_network", False),
        "shm_mib": given.get("shm_mib", 0),
        "ulimits": {name: _bounds(name, value) for name, value in given.get("ulimits", {}).items()},
        "config": Path(config) if config else Path.home() / ".docker",
        "environ": {name: os.environ[name] for name in _ENGINE_VARIABLES if os.environ.get(name)},
    }


def _docker_in_jobs(flags: Mapping[str, Any]) -> str:
    """Which engine jobs get that ask for one. Raises InputError.

    Not from the file: what somebody's repository holds shall not hand an engine, and this machine with it, to its jobs.
    """
    if flags.get("docker_in_jobs"):
        return str(flags["docker_in_jobs"])
    if chosen := os.environ.get("UNDERSTUDY_DOCKER_IN_JOBS"):
        if chosen not in DOCKER_IN_JOBS:
            known = ", ".join(DOCKER_IN_JOBS)
            raise InputError(f"`UNDERSTUDY_DOCKER_IN_JOBS` is `{chosen}`, which is none of {known}")
        return chosen
    return "socket" if os.environ.get("UNDERSTUDY_ALLOW_DOCKER_SOCKET") else "none"


def _bounds(name: str, value: Any) -> tuple[int, int]:
    """A limit of processes, `1024` or `[1024, 4096]`: soft and hard."""
    pair = value if isinstance(value, list) and len(value) == 2 else [value, value]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in pair):
        raise InputError(f"`ulimits.{name}` must be a number, or two: soft and hard", hint="nofile = [1024, 4096]")
    return pair[0], pair[1]


def _file_values(root: Path) -> dict[str, Any]:
    for name, inner in (("understudy.toml", ()), ("pyproject.toml", ("tool", "understudy"))):
        path = root / name
        if not path.is_file():
            continue
        if inner and b"understudy" not in path.read_bytes():  # no table of ours, and the parser takes time to load
            continue
        import tomllib  # noqa: PLC0415 - only for those who have such a file

        try:
            values: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            if inner:  # somebody else's business: we only look for our table there
                continue
            raise InputError(f"`{name}` can't be read: {error}", hint="see docs/commands.md for its keys") from error
        for key in inner:
            values = values.get(key, {}) if isinstance(values, dict) else {}
        if values or not inner:
            return _checked(values, name)
    return {}


def _checked(values: dict[str, Any], name: str) -> dict[str, Any]:
    for key, value in values.items():
        if key == "docker_in_jobs":
            hint = "--docker-in-jobs, or export UNDERSTUDY_DOCKER_IN_JOBS"
            raise InputError(f"`{name}` can't give jobs a container engine: that is the user's to decide", hint=hint)
        if key not in _FILE_KEYS:
            import difflib  # noqa: PLC0415 - only for those who need it

            near = difflib.get_close_matches(key, _FILE_KEYS, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(sorted(_FILE_KEYS))}"
            raise InputError(f"`{name}` has an unknown key `{key}`", hint=hint)
        kinds = _FILE_KEYS[key]
        wrong_boolean = isinstance(value, bool) and kinds is not bool
        if not isinstance(value, kinds) or wrong_boolean:  # type: ignore[arg-type] # a tuple of types, or one
            raise InputError(f"`{key}` in `{name}` is of the wrong type", hint="see docs/commands.md for its keys")
    return values


def _resolve(values: Any, context: str | None, unset: dict[str, tuple[str | None, str]]) -> dict[str, str]:
    """Values as given, or from where they say that they are; one that isn't there is told in `unset`."""
    found: dict[str, str] = {}
    place = "secrets" if context is None else f"contexts.{context}"
    if not isinstance(values, dict):
        raise InputError(f"`{place}` must be a table of secrets", hint=f'write [{place}] NAME = {{ env = "VARIABLE" }}')
    for name, value in values.items():
        if not _VARIABLE.fullmatch(name):
            raise InputError(f"`{place}.{name}` can't be the name of a variable", hint="letters, digits and `_`")
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, dict) and set(value) == {"env"} and isinstance(value["env"], str):
            if value["env"] in os.environ:
                found[name] = os.environ[value["env"]]
            else:
                unset[f"{place}.{name}"] = (context, f"the variable `{value['env']}`")
        elif isinstance(value, dict) and set(value) == {"keyring"} and isinstance(value["keyring"], str):
            secret = _keyring(value["keyring"], name)
            if secret is not None:
                found[name] = secret
            else:
                unset[f"{place}.{name}"] = (context, f"the keyring's service `{value['keyring']}`")
        else:
            hint = 'write NAME = "value", NAME = { env = "VARIABLE" } or NAME = { keyring = "SERVICE" }'
            raise InputError(f"`{place}.{name}` must be text or name where its value is", hint=hint)
    return found


def _keyring(service: str, name: str) -> str | None:
    try:
        import keyring  # noqa: PLC0415 - slow, and only some have it
    except ImportError as error:
        hint = "pip install 'understudy[keyring]'"
        raise InputError(f"`{name}` is to come from the keyring, and it can't be read here", hint=hint) from error
    try:
        value: str | None = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        hint = "unlock it, or give the secret with --secret-file"
        raise InputError(f"`{name}` can't be read from the keyring: {error}", hint=hint) from error
    return value


def _secret_variable(name: str) -> str:
    """The value of the variable that `--secret NAME` names."""
    if "=" in name:  # a command line is no place for a secret: everybody on the machine can read it
        given = name.partition("=")[0]
        raise InputError(
            f"`--secret` takes the name of a variable, not a value for `{given}`", hint=f"--secret {given}"
        )
    if not _VARIABLE.fullmatch(name):
        raise InputError(f"`--secret {name}` is no name of a variable", hint="letters, digits and `_`")
    if name not in os.environ:
        raise InputError(
            f"the variable `{name}` that `--secret` names is not set", hint=f"export {name}, or leave it out"
        )
    return os.environ[name]


def _secret_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the secret file `{path}` can't be read: {error}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.removeprefix("export ").partition("=")
        if not equals or not _VARIABLE.fullmatch(name.strip()):
            raise InputError(
                f"{path}:{number}: not of the form NAME=value", hint="one secret a line; # begins a comment"
            )
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            quote, value = value[0], value[1:-1]
            value = value.replace("\\n", "\n") if quote == '"' else value
        found[name.strip()] = value
    return found


def _network_settings() -> dict[str, str]:
    found = _pip_settings() | _npm_settings()
    found |= {name: os.environ[name] for name in NETWORK_VARIABLES if os.environ.get(name)}
    return found


def _pip_settings() -> dict[str, str]:
    """What the user's own pip.conf says of the network; the room doesn't see the home folder it lies in."""
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    found: dict[str, str] = {}
    for path in (Path.home() / ".pip" / "pip.conf", config_home / "pip" / "pip.conf"):
        if not path.is_file():
            continue
        import configparser  # noqa: PLC0415 - only for those who need it

        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue  # pip itself will complain about it to whoever runs pip
        for key in _PIP_KEYS:
            if parser.has_option("global", key):
                variable = "DEFAULT_TIMEOUT" if key == "timeout" else key.upper().replace("-", "_")
                found[f"PIP_{variable}"] = " ".join(parser.get("global", key).split())
    return found


def _npm_settings() -> dict[str, str]:
    try:
        text = (Path.home() / ".npmrc").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    values = {name.strip(): value.strip() for name, _, value in pairs}
    return {f"npm_config_{key}": values[key] for key in _NPM_KEYS if values.get(key) and "${" not in values[key]}
