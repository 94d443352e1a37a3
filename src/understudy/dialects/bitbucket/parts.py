"""What a step of a Bitbucket file says of its artifacts, caches, pipes and variables, before it becomes the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.findings import NOWHERE, Position
from understudy.model.pipeline import Text

DEFAULT_IMAGE = "atlassian/default-image:latest"
"""See https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/."""

DOCKER_SERVICE = "service docker"
"""What runtimes know an engine by that a job may use: the first step of a job with a Docker service asks for it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One entry of `artifacts`: what is kept when the script of a step has ended.

    `kind`: `shared` (later steps get it), `scoped` (people do) or `test-reports`. `capture_on`: `success`, `failed` or
    `always`. `depth`: how many folders deep `paths` are looked for; None: all. The short forms have no name.
    """

    paths: tuple[Text, ...]
    name: Text | None = None
    kind: str = "shared"
    ignore: tuple[Text, ...] = ()
    depth: int | None = None
    capture_on: str = "always"
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What a step takes and gives. `download`: all of the shared ones, none of them, or those of these names."""

    download: bool | tuple[Text, ...] = True
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache of a step. `path` None: it is predefined. `files`: those its key is made of; none: it has no key."""

    name: Text
    path: Text | None = None
    files: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipe:
    """A `pipe` of a script: `ref` as written, values of variables a text or a list of texts."""

    ref: Text
    name: Text | None = None
    variables: Mapping[str, Text | tuple[Text, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a custom pipeline asks for when somebody starts it."""

    name: Text
    default: Text | None = None
    allowed: tuple[Text, ...] = ()
