"""Workspaces: what jobs of a build hand on to later ones, by name. https://docs.travis-ci.com/user/using-workspaces/

A path keeps its place in the job that uses it. Rooms may have their homes and working directories in different places,
so that what lies below them is handed on relative to them.
"""

import posixpath
from collections.abc import Iterator, Mapping

from understudy.dialects.travis.conditions import Value
from understudy.dialects.travis.languages import Row, text, texts
from understudy.dialects.travis.phases import ENDED, Where
from understudy.model.pipeline import Fetch, Kind, Publish, Step, Text

_BASES = (".", "~", "/")
"""Where a path may lie: in the working directory, at home, elsewhere."""
_HOME = "/home/travis"
_VARIABLES = {"HOME": "~", "TRAVIS_HOME": "~", "TRAVIS_BUILD_DIR": "."}


def created(row: Row, workdir: str, where: Where) -> Iterator[Step]:
    """The steps that fill workspaces; one that can't be filled fails no job."""
    for number, (name, paths) in enumerate(_created(row)):
        at = where("workspaces", "create")
        for base, inner in _by_base(paths, workdir).items():
            action = Publish(Kind.WORKSPACE, tuple(Text(one, at) for one in inner), Text(base, at), _name(name, base))
            yield Step(
                f"workspace.create.{number + 1}{base}",
                Text(f"Create the workspace {name}", at),
                at,
                action,
                when=ENDED,
                continue_on_error=True,
            )


def used(row: Row, config: Mapping[str, Value], where: Where) -> Iterator[Step]:
    """The steps that take what jobs before have put into workspaces; `config` is that of the whole build."""
    spaces = row.get("workspaces")
    bases = _bases(config)
    for number, name in enumerate(texts(spaces.get("use")) if isinstance(spaces, Mapping) else ()):
        at = where("workspaces", "use")
        for base in bases.get(name, (".",)):
            action = Fetch(Kind.WORKSPACE, Text(base, at), _name(name, base))
            title = Text(f"Use the workspace {name}", at)
            yield Step(f"workspace.use.{number + 1}{base}", title, at, action, continue_on_error=True)


def _name(name: str, base: str) -> Text:
    return Text(name if base == "." else f"{name} ({base})")


def _created(row: Row) -> Iterator[tuple[str, tuple[str, ...]]]:
    spaces = row.get("workspaces")
    create = spaces.get("create") if isinstance(spaces, Mapping) else None
    for one in create if isinstance(create, tuple) else (create,):
        if isinstance(one, Mapping) and (name := text(one.get("name"))) and (paths := texts(one.get("paths"))):
            yield name, paths


def _bases(config: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    """For each workspace that some job creates, where its paths lie."""
    jobs = config.get("jobs")
    listed = jobs.get("include") if isinstance(jobs, Mapping) else None
    found: dict[str, set[str]] = {}
    for row in (config, *(listed if isinstance(listed, tuple) else ())):
        for name, paths in _created(row) if isinstance(row, Mapping) else ():
            found.setdefault(name, set()).update(_placed(path, "~/build/o/r")[0] for path in paths)
    return {name: tuple(base for base in _BASES if base in bases) for name, bases in found.items()}


def _by_base(paths: tuple[str, ...], workdir: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        base, inner = _placed(path, workdir)
        found.setdefault(base, []).append(inner)
    return found


def _placed(path: str, workdir: str) -> tuple[str, str]:
    """Where a path lies, and its name from there. A relative one begins in the working directory."""
    for name, value in _VARIABLES.items():
        path = path.replace(f"${{{name}}}", value).replace(f"${name}", value)
    if path == _HOME or path.startswith(f"{_HOME}/"):
        path = f"~{path.removeprefix(_HOME)}"
    if not path.startswith(("~", "/")):
        inner = posixpath.normpath(path)
        if inner != ".." and not inner.startswith("../"):
            return ".", inner
        path = posixpath.normpath(posixpath.join(workdir, path))
    base, inner = path[:1], path[1:].strip("/")
    return base, posixpath.normpath(inner) if inner else "."
