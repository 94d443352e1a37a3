"""What of a Travis file is understood and not performed here, each told once, at its place."""

from collections.abc import Iterator, Mapping, Sequence

from understudy.dialects.notes import Notes
from understudy.dialects.travis import addons, caches, deploy, services
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.jobs import Placed
from understudy.dialects.travis.languages import LANGUAGES, Row, text
from understudy.dialects.travis.normalise import Normal
from understudy.dialects.travis.variables import PAGE as ENVIRONMENT
from understudy.dialects.travis.variables import variables
from understudy.findings import Finding, Position, Severity

_NOTIFICATIONS = "https://docs.travis-ci.com/user/notifications/"
_GIT = "https://docs.travis-ci.com/user/customizing-the-build/#git-clone-depth"
_SECURE = "https://docs.travis-ci.com/user/environment-variables/#defining-encrypted-variables-in-travisyml"
_FINISH = "https://docs.travis-ci.com/user/build-matrix/#fast-finishing"


def note(placed: Sequence[Placed], normal: Normal, notes: Notes) -> None:
    """Adds to `notes` what the jobs would have on Travis alone."""
    told: dict[tuple[str, Position], Finding] = {}
    for one in placed:
        if one.starts:
            for finding in _of_row(one.row, normal, _base(one)):
                told.setdefault((finding.message, finding.at), finding)
    for finding in _of_build(normal):
        told.setdefault((finding.message, finding.at), finding)
    notes.findings += told.values()


def _base(one: Placed) -> tuple[str | int, ...]:
    return () if one.include is None else ("jobs", "include", one.include)


def _of_row(row: Row, normal: Normal, base: tuple[str | int, ...]) -> Iterator[Finding]:
    def at(*path: str | int) -> Position:
        own = normal.places.get((*base, path[0])) if path else None
        return normal.place(*base, *path) if own is not None else normal.place(*path)

    yield from _secrets(row, at("env"))
    yield from _language(row, at("language"))
    for wanted in services.wanted(row):
        if wanted.known is None:
            message = f"the service `{wanted.written}` is not started: nothing here can be it"
            yield _unsupported("service-not-performed", message, at(wanted.key), services.PAGE)
    for name in addons.others(row):
        yield _unsupported(
            "addon-not-performed", f"the addon `{name}` is not performed here", at("addons", name), addons.PAGE
        )
    for word in caches.unknown(row):
        message = f"`cache: {word}` is not kept here"
        yield Finding(Severity.WARNING, "cache-not-kept", message, at("cache"), rule=caches.PAGE)
    for number, entry in enumerate(deploy.entries(row)):
        if deploy.provider(entry) != "script":
            message = f"`deploy` with the provider `{deploy.provider(entry)}` is planned and not performed"
            yield _unsupported("deploy-not-performed", message, at("deploy", number), deploy.PAGE)
    yield from _git(row, at("git"))


def _unsupported(code: str, message: str, at: Position, rule: str, hint: str = "") -> Finding:
    return Finding(Severity.UNSUPPORTED, code, message, at, hint, rule)


def _secrets(row: Row, at: Position) -> Iterator[Finding]:
    """Only Travis can decrypt: https://docs.travis-ci.com/user/encryption-keys/."""
    if any(one.value is None and not one.name for one in variables(row.get("env"))):
        message = "an encrypted variable, whose name Travis alone knows, is absent unless it is given as a secret"
        yield Finding(Severity.NOTE, "secure-variable", message, at, "give it with --secret-file", _SECURE)


def _language(row: Row, at: Position) -> Iterator[Finding]:
    name = text(row.get("language"))
    if name and name not in LANGUAGES:
        message = f"the language `{name}` has no defaults here: only what the file itself says is performed"
        yield _unsupported("language-not-performed", message, at, ENVIRONMENT)


def _git(row: Row, place: Position) -> Iterator[Finding]:
    git = row.get("git")
    if not isinstance(git, Mapping):
        return
    if git.get("sparse_checkout"):
        message = "`git.sparse_checkout` is not reproduced: the whole project is there"
        yield Finding(Severity.WARNING, "git-not-reproduced", message, place, rule=_GIT)
    if git.get("autocrlf") is not None:
        message = "`git.autocrlf` is not reproduced: files are as they are here"
        yield Finding(Severity.WARNING, "git-not-reproduced", message, place, rule=_GIT)


def _of_build(normal: Normal) -> Iterator[Finding]:
    config = normal.config
    kinds = config.get("notifications")
    sent = [name for name, value in kinds.items() if _is_on(value)] if isinstance(kinds, Mapping) else []
    if sent:
        message = f"nobody is notified from here: {', '.join(f'`{name}`' for name in sent)}"
        yield Finding(Severity.NOTE, "not-notified", message, normal.place("notifications"), rule=_NOTIFICATIONS)
    jobs = config.get("jobs")
    if isinstance(jobs, Mapping) and jobs.get("fast_finish") is True:
        message = (
            "with `fast_finish` Travis tells the result before jobs that may fail have ended; here a run waits for them"
        )
        yield Finding(Severity.NOTE, "fast-finish", message, normal.place("jobs", "fast_finish"), rule=_FINISH)


def _is_on(value: Value) -> bool:
    return value not in (None, False, ()) and (not isinstance(value, Mapping) or value.get("enabled") is not False)
