"""What images, clones, services, caches, artifacts, conditions and scripts look like in a Bitbucket file."""

from collections.abc import Iterable

from understudy.dialects.bitbucket import pages, structure_texts
from understudy.findings import Finding, Severity
from understudy.text import yaml
from understudy.text.shape import Anything, Chosen, Either, Flag, Many, Place, Shape, Table, Text, Whole, Words, shorten

LAX = Text(lax=True)
NAMED = Text(structure_texts.filled, lax=True, hint="write something, or leave it out")
GLOB = Text(structure_texts.glob, lax=True, hint=structure_texts.GLOB_HINT)
_IMAGE_NAME = Text(structure_texts.image, hint="write it as `docker pull` takes it: `python:3.11`")
IGNORED = Severity.WARNING
"""How bad a key is that the service doesn't know: it leaves most of them alone."""

SIZES = ("1x", "2x", "4x", "8x", "16x", "32x")
SIZE = Words(SIZES)
LONGEST_MAX_TIME = 720
MAX_TIME = Whole(1, LONGEST_MAX_TIME)
LEAST_SERVICE_MEMORY = 128


def _credentials(image: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """Either a user with a password, or the cloud's keys. See https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/."""
    for one, other in (("username", "password"), ("password", "username")):
        if (key := image.key(one)) and other not in image:
            message = f"`{one}` without `{other}` in {place.name} logs nobody in"
            yield Finding(Severity.ERROR, "missing-key", message, key.at, f"add `{other}:`", pages.IMAGE)
    key = image.key("username")
    if key and "aws" in image:
        message = f"{place.name} has `aws` beside `username`; it takes one of them"
        yield Finding(Severity.ERROR, "conflicting-keys", message, key.at, "keep one of the two", pages.IMAGE)


def _aws(aws: yaml.Mapping, place: Place) -> Iterable[Finding]:
    if "oidc-role" in aws or ("access-key" in aws and "secret-key" in aws):
        return
    message = f"{place.name} needs `access-key` and `secret-key`, or `oidc-role`"
    yield Finding(Severity.ERROR, "missing-key", message, aws.at, "add what is missing", pages.IMAGE)


IMAGE: Shape = Either(
    (
        _IMAGE_NAME,
        Table(
            keys={
                "name": _IMAGE_NAME,
                "username": LAX,
                "password": LAX,
                "email": LAX,
                "run-as-user": Whole(0),
                "aws": Table(
                    keys={"access-key": LAX, "secret-key": LAX, "oidc-role": LAX}, unknown=IGNORED, rules=(_aws,)
                ),
            },
            required=("name",),
            unknown=IGNORED,
            rules=(_credentials,),
            rule=pages.IMAGE,
        ),
    ),
    "a name or a map with `name`",
)

CLONE: Shape = Table(
    keys={
        "depth": Either((Whole(1), Words(("full",))), "a whole number of at least 1, or `full`"),
        "enabled": Flag(),
        "lfs": Flag(),
        "skip-ssl-verify": Flag(),
        "strategy": Words(("fetch", "clone")),
        "sparse-checkout": Table(
            keys={"enabled": Flag(), "cone-mode": Flag(), "code-mode": Flag(), "patterns": Many(LAX)}, unknown=IGNORED
        ),
    },
    unknown=IGNORED,
    rule=pages.CLONE,
)

RUNTIME: Shape = Table(
    keys={
        "cloud": Table(
            keys={"version": LAX, "atlassian-ip-ranges": Flag(), "arch": Words(("x86", "arm"))}, unknown=IGNORED
        )
    },
    unknown=IGNORED,
    rule=pages.GLOBAL,
)

VARIABLES: Shape = Table(
    others=Either((LAX,), "a text", nothing=True), noun="variable", name_test=structure_texts.variable
)
_PIPE_VARIABLES: Shape = Table(
    others=Either((LAX, Many(LAX)), "a text or a list of texts", nothing=True),
    noun="variable",
    name_test=structure_texts.variable,
)

SERVICE: Shape = Table(
    keys={
        "image": IMAGE,
        "variables": Table(others=Either((LAX,), "a text", nothing=True), noun="variable"),
        "environment": Table(others=Either((LAX,), "a text", nothing=True), noun="variable"),
        "memory": Whole(LEAST_SERVICE_MEMORY),
        "type": Words(("docker",)),
    },
    unknown=IGNORED,
    rule=pages.SERVICES,
)

CACHE: Shape = Either(
    (
        NAMED,
        Table(
            keys={
                "path": NAMED,
                "key": Table(
                    keys={"files": Many(GLOB, least=1)},
                    required=("files",),
                    unknown=IGNORED,
                ),
            },
            required=("path",),
            unknown=IGNORED,
            rule=pages.CACHES,
        ),
    ),
    "a path, or a map with `key` and `path`",
)

GLOBS = Many(GLOB, least=1)
_UPLOAD: Shape = Table(
    keys={
        "name": NAMED,
        "paths": GLOBS,
        "type": Words(("shared", "scoped", "test-reports")),
        "ignore-paths": Many(GLOB),
        "depth": Whole(1),
        "capture-on": Words(("success", "failed", "always")),
    },
    required=("name", "paths"),
    unknown=IGNORED,
    rule=pages.ARTIFACTS,
)
_KEPT = Many(Either((GLOB, _UPLOAD), "a glob, or a map with `name` and `paths`"), 1)
ARTIFACTS: Shape = Either(
    (
        _KEPT,
        Table(
            keys={
                "download": Either((Flag(), Many(NAMED, least=1)), "true, false or a list of names"),
                "paths": GLOBS,
                "upload": Many(_UPLOAD, least=1),
                "input": Many(NAMED),
                "output": Many(NAMED),
            },
            unknown=IGNORED,
            rule=pages.ARTIFACTS,
        ),
    ),
    "a list of globs, or a map",
)


def _some_condition(condition: yaml.Mapping, place: Place) -> Iterable[Finding]:
    if not any(key in condition for key in ("changesets", "state")):
        message = f"{place.name} has neither `changesets` nor `state`, so that it asks nothing"
        yield Finding(Severity.ERROR, "missing-key", message, condition.at, "add `changesets:`", pages.STEP)


def _one_side(changesets: yaml.Mapping, place: Place) -> Iterable[Finding]:
    """The schema that the service publishes allows one of the two; see also https://support.atlassian.com/bitbucket-cloud/docs/step-options/."""
    key = changesets.key("excludePaths")
    if key is None and "includePaths" not in changesets:
        message = f"{place.name} has neither `includePaths` nor `excludePaths`"
        yield Finding(Severity.ERROR, "missing-key", message, changesets.at, "add `includePaths:`", pages.STEP)
    elif key is not None and "includePaths" in changesets:
        message = f"{place.name} has `excludePaths` beside `includePaths`; the service's own schema allows one of them"
        yield Finding(Severity.WARNING, "conflicting-keys", message, key.at, "keep one of the two", pages.STEP)


CONDITION: Shape = Table(
    keys={
        "changesets": Table(keys={"includePaths": GLOBS, "excludePaths": GLOBS}, rules=(_one_side,), rule=pages.STEP),
        "state": Text(structure_texts.state, lax=True, hint=structure_texts.STATE_HINT),
    },
    unknown=IGNORED,
    rules=(_some_condition,),
    rule=pages.STEP,
)

_PIPE = Table(
    keys={
        "pipe": Text(structure_texts.pipe, hint="name the version: `atlassian/slack-notify:2.3.0`"),
        "name": LAX,
        "variables": _PIPE_VARIABLES,
    },
    required=("pipe",),
    unknown=IGNORED,
    rule=pages.PIPES,
)


def _is_no_command(item: yaml.Mapping, _place: Place) -> Iterable[Finding]:
    """A colon in a command makes a map of it. See https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Script."""
    first = item.keys()[0] if item.pairs else ""
    message = f"a command is a text, and `{shorten(first)}:` begins a map" if first else "a command is empty"
    hint = "put the whole command in quotes: it has a colon with a blank behind it"
    yield Finding(Severity.ERROR, "command-is-a-map", message, item.at, hint, f"{pages.STEP}#Script")


def _item(item: yaml.Mapping) -> Shape:
    return _PIPE if "pipe" in item else Table(others=Anything(), rules=(_is_no_command,))


SCRIPT: Shape = Many(Either((NAMED, Chosen(_item)), "a command or a pipe"), least=1)
