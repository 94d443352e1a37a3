"""The environment variables of a job: those that Travis CI sets, and those of its file, as its shell reads them."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from understudy.dialects.base import Place
from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.known_data import branch_of, event_type, slug
from understudy.dialects.travis.languages import Row, language_of, text
from understudy.model.pipeline import Job
from understudy.model.results import Facts

PAGE = "https://docs.travis-ci.com/user/environment-variables/"
HOST = "https://app.travis-ci.com"
DIST = "jammy"
"""What a job runs on that names no system: https://docs.travis-ci.com/user/reference/overview/."""

UNKNOWN = ("TRAVIS_OIDC_TOKEN", "TRAVIS_APT_PROXY", "TRAVIS_OSX_IMAGE", "JAVA_HOME")
"""Variables that are left as the room has them: only the service, or the image, knows their values."""

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLAIN = re.compile(r"[^$`\\'\"]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as its file has it: `value` is text of the shell, quotes and all; None for one that is encrypted."""

    name: str
    value: str | None

    @property
    def plain(self) -> str | None:
        """The value where the shell would change nothing but quotes; None where it would."""
        if self.value is None:
            return None
        bare = self.value
        if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
            bare = bare[1:-1]
            if self.value[0] == "'" and "'" not in bare:
                return bare
        return bare if _PLAIN.fullmatch(bare) else None


def workdir(row: Row, facts: Facts) -> str:
    """Where the project is checked out: Go's wants to be where its imports look for it.

    https://docs.travis-ci.com/user/languages/go/#go-import-path
    """
    if row.get("language") == "go":
        path = text(row.get("go_import_path")) or f"{facts.host or 'github.com'}/{_slug(facts)}"
        return f"~/gopath/src/{path.strip('/')}"
    return f"~/build/{_slug(facts)}"


def _slug(facts: Facts) -> str:
    found = slug(facts)
    return found if "/" in found else f"local/{found or 'project'}"


def predefined(facts: Facts, job: Job, place: Place) -> dict[str, str]:
    """What Travis sets for every line of `job`, and for this build and job of it.

    Identifiers are those of this machine's store, and the address is where Travis would show such a build.
    https://docs.travis-ci.com/user/environment-variables/#default-environment-variables
    """
    written = job.written if isinstance(job.written, Mapping) else {}
    row = written.get("row")
    config: Row = row if isinstance(row, Mapping) else {}  # type: ignore[assignment]
    number = f"{place.number}.{written.get('number', 1)}"
    address = f"{HOST}/{_slug(facts)}"
    return {
        **_ALWAYS,
        **_machine(config, place),
        "TRAVIS_ALLOW_FAILURE": _word(job.limits.allow_failure),
        "TRAVIS_BUILD_DIR": place.workdir,
        "TRAVIS_BUILD_ID": str(place.number),
        "TRAVIS_BUILD_NUMBER": str(place.number),
        "TRAVIS_BUILD_WEB_URL": f"{address}/builds/{place.number}",
        "TRAVIS_BUILD_STAGE_NAME": str(written.get("stage") or ""),
        "TRAVIS_JOB_ID": number.replace(".", ""),
        "TRAVIS_JOB_NAME": text(config.get("name")),
        "TRAVIS_JOB_NUMBER": number,
        "TRAVIS_JOB_WEB_URL": f"{address}/jobs/{number.replace('.', '')}",
        **_commit(facts),
        **_pull_request(facts),
        **_versions(config),
    }


_ALWAYS: Mapping[str, str] = {
    "CI": "true",
    "TRAVIS": "true",
    "CONTINUOUS_INTEGRATION": "true",
    "HAS_JOSH_K_SEAL_OF_APPROVAL": "true",
    "PAGER": "cat",
    "TZ": "UTC",
    "DEBIAN_FRONTEND": "noninteractive",
    "GIT_ASKPASS": "echo",
    "RAILS_ENV": "test",
    "RACK_ENV": "test",
    "MERB_ENV": "test",
    "JRUBY_OPTS": "--server -Dcext.enabled=false -Xcompile.invokedynamic=false",
    "TRAVIS_ROOT": "/",
    "TRAVIS_SUDO": "true",
    "TRAVIS_INFRA": "unknown",
    "TRAVIS_INIT": "systemd",
    "TRAVIS_APP_HOST": "build.travis-ci.com",
    "TRAVIS_REPO_PRIVATE": "false",
    "TRAVIS_JOB_RESTARTED": "false",
    "TRAVIS_JOB_RESTARTED_BY": "",
    "TRAVIS_SECURE_ENV_VARS": "false",
    "TRAVIS_TEST_RESULT": "",
    "ANSI_RED": r"\033[31;1m",
    "ANSI_GREEN": r"\033[32;1m",
    "ANSI_YELLOW": r"\033[33;1m",
    "ANSI_RESET": r"\033[0m",
    "ANSI_CLEAR": r"\033[0K",
}


def _machine(row: Row, place: Place) -> dict[str, str]:
    arch = text(row.get("arch")) or "amd64"
    return {
        "TRAVIS_HOME": place.home,
        "TRAVIS_OS_NAME": text(row.get("os")) or "linux",
        "TRAVIS_DIST": text(row.get("dist")) or DIST,
        "TRAVIS_CPU_ARCH": arch,
        "TRAVIS_ARCH": arch,
        "TRAVIS_LANGUAGE": text(row.get("language")) or "ruby",
    }


def _commit(facts: Facts) -> dict[str, str]:
    tag = facts.tag if event_type(facts) == "push" else None
    return {
        "TRAVIS_BRANCH": branch_of(facts),
        "TRAVIS_COMMIT": facts.sha,
        "TRAVIS_COMMIT_MESSAGE": facts.message or facts.subject,
        "TRAVIS_COMMIT_RANGE": f"{facts.base_sha}...{facts.sha}" if facts.base_sha else "",
        "TRAVIS_EVENT_TYPE": event_type(facts),
        "TRAVIS_REPO_SLUG": _slug(facts),
        "TRAVIS_TAG": tag or "",
    }


def _pull_request(facts: Facts) -> dict[str, str]:
    if event_type(facts) != "pull_request":
        parts = ("BRANCH", "SHA", "SLUG", "IS_DRAFT")
        return {"TRAVIS_PULL_REQUEST": "false", **{f"TRAVIS_PULL_REQUEST_{part}": "" for part in parts}}
    head = f"{facts.actor}/{facts.repository}" if facts.from_fork else _slug(facts)
    return {
        "TRAVIS_PULL_REQUEST": str(facts.pull_request or 1),
        "TRAVIS_PULL_REQUEST_BRANCH": facts.branch or "",
        "TRAVIS_PULL_REQUEST_SHA": facts.sha,
        "TRAVIS_PULL_REQUEST_SLUG": head,
        "TRAVIS_PULL_REQUEST_IS_DRAFT": "false",
    }


def _versions(row: Row) -> dict[str, str]:
    """The language's version, as `TRAVIS_PYTHON_VERSION`, and a JDK that is asked for besides."""
    language = language_of(row)
    found = {language.variable: language.version(row), "TRAVIS_JDK_VERSION": text(row.get("jdk"))}
    return {name: value for name, value in found.items() if name and value}


def _word(value: bool) -> str:  # noqa: FBT001 - the value that is told
    return "true" if value else "false"


def variables(env: Value) -> tuple[Variable, ...]:
    """The variables of a job's `env`, in order; one that is encrypted with its name has no name of its own.

    What follows an unquoted space in a value is another variable, as there:
    https://docs.travis-ci.com/user/environment-variables/#defining-multiple-variables-per-item
    """
    entries = env if isinstance(env, tuple) else (env,)
    return tuple(one for entry in entries for one in _entry(entry))


def _entry(entry: Value) -> Iterator[Variable]:
    if isinstance(entry, str):
        yield from _split(entry)
    if not isinstance(entry, Mapping):
        return
    if set(entry) == {"secure"}:
        yield Variable("", None)
        return
    for name, value in entry.items():
        if isinstance(value, Mapping):
            yield Variable(name, None)
        else:
            yield from _split(f"{name}={text(value)}")


def _split(line: str) -> Iterator[Variable]:
    """The `NAME=value` of a line; words without a name are dropped, as there."""
    at = 0
    while at < len(line):
        name = _NAME.match(line, at)
        if name is None or line[name.end() : name.end() + 1] != "=":
            end = line.find(" ", at)
            at = len(line) if end < 0 else end + 1
            continue
        end = _end_of_word(line, name.end() + 1)
        yield Variable(name[0], line[name.end() + 1 : end])
        at = end + 1


def _end_of_word(line: str, at: int) -> int:
    """Where a word of the shell ends: at a space outside of quotes and of `$( )`."""
    quote, depth = "", 0
    while at < len(line):
        one = line[at]
        if one == "\\" and quote != "'":
            at += 2
            continue
        if quote:
            quote = "" if one == quote else quote
        elif one in "'\"`":
            quote = one
        elif line.startswith("$(", at):
            depth += 1
        elif one == ")" and depth:
            depth -= 1
        elif one in " \t\n" and not depth:
            return at
        at += 1
    return len(line)


def exports(found: tuple[Variable, ...]) -> str:
    """The lines that set the variables of a file; those that are encrypted are there already, or not at all."""
    lines = [f"export {one.name}={one.value}" for one in found if one.value is not None]
    return "".join(f"echo {shlex.quote(line)}\n{line}\n" for line in lines)
