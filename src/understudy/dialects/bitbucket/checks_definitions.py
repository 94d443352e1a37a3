"""What definitions get wrong: services without an image, caches at places that only one machine has."""

from collections.abc import Iterator

from understudy.dialects.bitbucket import pages
from understudy.dialects.bitbucket.caches import DOCKER as DOCKER_CACHE
from understudy.dialects.bitbucket.definitions import DOCKER
from understudy.dialects.bitbucket.nodes import entries, flag, member, text_of
from understudy.dialects.bitbucket.structure_texts import is_late
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Text
from understudy.text import yaml


def check(root: yaml.Node | None) -> Iterator[Finding]:
    """The findings of `definitions`. See https://support.atlassian.com/bitbucket-cloud/docs/cache-and-service-container-definitions/."""
    for key, node in entries(member(root, "definitions", "services")):
        yield from _service(key, node)
    for key, node in entries(member(root, "definitions", "caches")):
        path = text_of(node) or text_of(member(node, "path"))
        if path is not None:
            yield from _cache(key, path)
    shared = member(root, "definitions", "pipelines")
    if flag(member(root, "export"), otherwise=False) and not tuple(entries(shared)):
        word = root.key("export") if isinstance(root, yaml.Mapping) else None
        message = "`export: true` shares what stands in `definitions: pipelines:`, and there is nothing"
        if word is not None:
            yield Finding(Severity.WARNING, "nothing-shared", message, word.at, "add a pipeline there", pages.SHARING)


def _service(key: yaml.Scalar, node: yaml.Node) -> Iterator[Finding]:
    kind = text_of(member(node, "type"))
    is_engine = key.value == DOCKER or (kind is not None and kind.raw == DOCKER)
    if not is_engine and member(node, "image") is None:
        message = f"the service `{key.value}` has no image"
        hint = "add `image:`, or `type: docker` where it is an engine"
        yield Finding(Severity.ERROR, "missing-key", message, key.at, hint, pages.SERVICES)


def _cache(key: yaml.Scalar, path: Text) -> Iterator[Finding]:
    """Paths are seen from the clone, or from the home with `~`. See https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/."""
    if key.value == DOCKER_CACHE:
        message = "`docker` is the cache of the engine's layers, and can't be given a path"
        yield Finding(Severity.WARNING, "reserved-name", message, key.at, "give the cache another name", pages.CACHES)
    if path.raw.startswith("/") and not is_late(path.raw):
        message = f"the path of the cache `{key.value}` is absolute: only images that have `{path.raw}` can use it"
        hint = "take a path seen from the clone, or one in the home (`~/...`)"
        yield Finding(Severity.WARNING, "absolute-path", message, path.at, hint, pages.CACHES)
    elif ".." in path.raw.split("/"):
        message = f"the path of the cache `{key.value}` leads out of the clone"
        yield Finding(Severity.WARNING, "path-outside", message, path.at, "remove the `..`", pages.CACHES)
