"""The whole of a `.travis.yml`: https://config.travis-ci.com"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from understudy.dialects.travis.schema import common, languages
from understudy.dialects.travis.schema.addons import ADDONS
from understudy.dialects.travis.schema.build import choice, fields, flag, several, text
from understudy.dialects.travis.schema.deploys import DEPLOY
from understudy.dialects.travis.schema.forms import Choice, Map, Node, OneOf, Scalar, Support, all_keys
from understudy.dialects.travis.schema.notifications import NOTIFICATIONS

_EVERY_JOB: Mapping[str, Node] = {
    "virt": common.VIRT,
    "addons": ADDONS,
    "branches": common.BRANCHES,
    "cache": common.CACHE,
    "deploy": DEPLOY,
    "git": common.GIT,
    "if": text(),
    "services": several(common.SERVICE),
    "group": text(),
    "workspaces": common.WORKSPACES,
    **fields(
        "keys:texts before_install:texts install:texts before_script:texts script:texts before_cache:texts "
        "after_success:texts after_failure:texts before_deploy:texts after_deploy:texts after_script:texts"
    ),
}
_JOB: Mapping[str, Node] = {
    "language": common.LANGUAGE,
    "os": common.OS,
    "dist": common.DIST,
    "arch": common.ARCH,
    "osx_image": common.OSX_IMAGE,
    "sudo": common.SUDO,
    "vm": common.VM,
    "env": common.VARIABLES,
    "compiler": common.COMPILER,
    "branches": common.BRANCHES,
    "name": replace(text(), flags=frozenset({"unique"})),
    "stage": text(),
    "keep_netrc": common.KEEP_NETRC,
}


def _job(others: Mapping[str, Node], *, aliases: tuple[str, ...] = ()) -> Map:
    return Map(keys={**_JOB, **others, **languages.JOB_KEYS, **_EVERY_JOB}, normal=True, aliases=aliases)


_INCLUDE = several(_job({"allow_failure": flag(), "vault": common.VAULT}, aliases=("jobs",)))
_JOBS = OneOf(
    forms=(
        Map(
            keys={
                "include": _INCLUDE,
                "exclude": several(_job({})),
                "allow_failures": several(
                    _job({"branch": text(deprecated="use conditional allow_failures using :if")}),
                    aliases=("allowed_failures",),
                ),
                "fast_finish": flag(aliases=("fast_failure",)),
            },
            prefix="include",
            normal=True,
            aliases=("matrix",),
        ),
        _INCLUDE,
    ),
    normal=True,
)
"""https://docs.travis-ci.com/user/build-matrix/"""


def _language() -> Scalar:
    on_macos = {"os": ("osx",)}
    defaults = (
        Choice("ruby", support=Support(excluding=on_macos)),
        Choice("objective-c", support=Support(on_macos)),
    )
    return replace(common.LANGUAGE, defaults=defaults)


def _os() -> Scalar:
    swift = {"language": ("objective-c",)}
    defaults = (Choice("linux", support=Support(excluding=swift)), Choice("osx", support=Support(swift)))
    return replace(common.OS, defaults=defaults)


def _dist() -> Scalar:
    linux = Support({"os": ("linux", "linux-ppc64le")})
    return replace(common.DIST, defaults=(Choice("focal", support=linux),))


@cache
def root() -> Map:
    """The form of the whole file."""
    keys: dict[str, Node] = {
        "language": _language(),
        "os": several(_os()),
        "dist": _dist(),
        "arch": several(common.ARCH),
        "stack": common.STACK,
        "sudo": common.SUDO,
        "import": common.IMPORT,
        "env": common.ENV,
        "compiler": several(common.COMPILER),
        "osx_image": several(common.OSX_IMAGE),
        "stages": common.STAGES,
        "jobs": replace(_JOBS, aliases=("matrix",)),
        "notifications": NOTIFICATIONS,
        "version": common.VERSION,
        "vm": common.VM,
        "conditions": choice("v0", "v1"),
        **fields("filter_secrets:flag trace:flag perforce_test_path"),
        "vault": common.VAULT,
        "keep_netrc": common.KEEP_NETRC,
        **languages.ROOT_KEYS,
        **_EVERY_JOB,
    }
    return Map(keys=keys, normal=True)


@cache
def everyday_keys() -> frozenset[str]:
    """All keys that the form of the file has, however deep, but for those that no misspelling is taken for."""
    return all_keys(root()) - languages.UNGUESSED
