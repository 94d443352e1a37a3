"""When Travis deploys: the `on` of an entry of `deploy`.

https://docs.travis-ci.com/user/deployment-v2/conditional/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.known_data import branch_of, event_type, slug
from understudy.model.results import Facts

Config = Mapping[str, Value]

VERSIONS = (
    *("d", "dart", "elm", "elixir", "ghc", "go", "haxe", "jdk", "julia", "mono", "node", "otp_release", "perl", "php"),
    *("python", "r", "ruby", "rust", "scala", "smalltalk"),
)
"""The languages whose version `on` may name."""

_ALSO_CALLED = {"rvm": "ruby", "node_js": "node"}
_KEYS = {"ruby": "rvm", "node": "node_js"}
_DEFAULT_BRANCH = "master"


@dataclass(frozen=True, slots=True)
class Deployment:
    """Whether an entry of `deploy` is performed, and why, in one clause, as far as that is known before the job runs.

    `tests`: what `[[ ]]` of bash has to say yes to besides, at the end of the job, each of them.
    """

    starts: bool
    reason: str
    tests: tuple[str, ...] = ()


def deployment(entry: Config, row: Config, facts: Facts) -> Deployment:
    """What becomes of `entry`, of `deploy` in normal form, in the job `row`."""
    if event_type(facts) == "pull_request":
        return Deployment(starts=False, reason="a pull request is never deployed")
    on = _on(entry)
    tests = _texts(on.get("condition"))
    for holds, reason in (_repository(on, facts), _branch(entry, on, facts), _tags(on, facts), _versions(on, row)):
        if not holds:
            return Deployment(starts=False, reason=reason, tests=tests)
    return Deployment(starts=True, reason=_reason(on, facts), tests=tests)


def _on(entry: Config) -> Config:
    on = entry.get("on") or entry.get("if")
    if isinstance(on, Mapping):
        return on
    return {} if on is None or isinstance(on, bool) else {"branch": on}


def _reason(on: Config, facts: Facts) -> str:
    if on.get("tags"):
        return f"tag `{facts.tag}` is built" if facts.tag else "it is deployed whatever the tag"
    return "it is deployed from all branches" if on.get("all_branches") else f"branch `{branch_of(facts)}` is deployed"


def _repository(on: Config, facts: Facts) -> tuple[bool, str]:
    wanted = on.get("repo")
    if not wanted or wanted == slug(facts):
        return True, ""
    return False, f"`on: repo: {wanted}` is not this repository, `{slug(facts)}`"


def _branch(entry: Config, on: Config, facts: Facts) -> tuple[bool, str]:
    """Names of branches are patterns of bash, since `[[ ]]` compares them."""
    if on.get("all_branches") or on.get("tags"):
        return True, ""
    written = on.get("branch")
    names = tuple(written) if isinstance(written, Mapping) else _texts(written)
    names = names or _option_branches(entry) or (_DEFAULT_BRANCH,)
    if any(fnmatchcase(branch_of(facts), one) for one in names):
        return True, ""
    given = "`, `".join(names)
    return False, f"branch `{branch_of(facts)}` is not `{given}`" + ("" if written else ", where it is deployed from")


def _option_branches(entry: Config) -> tuple[str, ...]:
    """Options may differ from branch to branch: `app: {main: one, next: two}`. These branches are deployed then."""
    found = (
        name
        for key, value in entry.items()
        if key not in {"on", "if", "edge"} and isinstance(value, Mapping) and set(value) != {"secure"}
        for name in value
    )
    return tuple(dict.fromkeys(found))


def _tags(on: Config, facts: Facts) -> tuple[bool, str]:
    wanted = on.get("tags")
    if wanted is True and not facts.tag:
        return False, "`on: tags: true`, and no tag is built"
    if wanted is False and facts.tag:
        return False, f"`on: tags: false`, and tag `{facts.tag}` is built"
    return True, ""


def _versions(on: Config, row: Config) -> tuple[bool, str]:
    for key, wanted in on.items():
        language = _ALSO_CALLED.get(key, key)
        if language not in VERSIONS or wanted is None:
            continue
        given = row.get(_KEYS.get(language, language))
        if str(given) != str(wanted):
            return False, f"`on: {key}: {wanted}` is not the version of this job" + (f", `{given}`" if given else "")
    return True, ""


def _texts(value: Value) -> tuple[str, ...]:
    if value is None or value is False or isinstance(value, Mapping):
        return ()
    return tuple(str(one) for one in value) if isinstance(value, tuple) else (str(value),)
