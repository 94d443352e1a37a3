"""`actions/setup-python`, `setup-node`, `setup-go`, `setup-java`, `astral-sh/setup-uv`: what the room has, by version.

What differs: nothing is downloaded (but uv with pip, and Pythons by uv where the room has it). The version must be in
the hosted tool cache of the image, among what pyenv and uv have installed on this machine, or on PATH; the highest that
fits is taken. `check-latest` looks no further, `architecture` and `distribution` make no difference, PyPy and GraalPy
are not looked for, and registries and problem matchers are not set up. Caches are kept in this machine's store.
https://github.com/actions/setup-python and its siblings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.dialects.github.actions.builtin.caches import HIT, restore_steps
from understudy.dialects.github.actions.builtin.parts import (
    expression,
    group,
    ignored,
    inner,
    inside,
    script,
    told,
)
from understudy.dialects.github.actions.resolved import SH, Asked, Resolved
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Script, Step, Text

_OTHER_PYTHON = re.compile(r"(pypy|graalpy)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Language:
    """A set-up: `name` in keys, `title` for people, scripts, inputs with defaults, and those that make no difference.

    The first of its `outputs` is the version.
    """

    name: str
    title: str
    scripts: tuple[str, ...]
    inputs: Mapping[str, str]
    outputs: tuple[str, ...]
    ignored: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a package manager keeps: how to ask for its folder, and the files that its key is made of."""

    folder: str
    files: tuple[str, ...]


_OF_THIS_MACHINE: Mapping[str, str] = {"check-latest": "nothing is downloaded", "architecture": "it is this machine's"}
"""Inputs of most of them, each with what is done in its place."""
PYTHON_INPUTS: Mapping[str, str] = {
    "python-version": "", "python-version-file": "", "allow-prereleases": "false", "freethreaded": "false",
    "update-environment": "true", "pip-version": "", "pip-install": "",
}  # fmt: skip
"""What the script that finds Pythons takes, and what each is where it isn't given."""
_PYTHON = Language(
    "python",
    "Python",
    ("versions.sh", "python.sh"),
    PYTHON_INPUTS,
    ("python-version", "python-path"),
    _OF_THIS_MACHINE,
)
_NODE = Language(
    "node",
    "Node",
    ("versions.sh", "node.sh"),
    {"node-version": "", "node-version-file": ""},
    ("node-version",),
    {
        **_OF_THIS_MACHINE,
        "registry-url": "no `.npmrc` is written",
        "scope": "no `.npmrc` is written",
    },
)
_GO = Language(
    "go",
    "Go",
    ("versions.sh", "go.sh"),
    {"go-version": "", "go-version-file": ""},
    ("go-version",),
    _OF_THIS_MACHINE,
)
_JAVA = Language(
    "java",
    "the JDK",
    ("versions.sh", "java.sh"),
    {"java-version": "", "java-version-file": "", "distribution": ""},
    ("version", "distribution", "path"),
    {
        **_OF_THIS_MACHINE,
        "server-id": "no settings are written",
    },
)
_UV = Language(
    "uv",
    "uv",
    ("versions.sh", "uv.sh"),
    {"version": "", "version-file": "", "python-version": "", "activate-environment": "false", "cache-local-path": ""},
    ("uv-version", "uv-path", "uvx-path", "python-version", "venv"),
    {"checksum": "nothing is downloaded", "tool-dir": "uv's own is used", "tool-bin-dir": "uv's own is used"},
)

_MANAGERS: Mapping[str, Kept] = {
    "pip": Kept("pip cache dir", ("**/requirements.txt", "**/pyproject.toml")),
    "poetry": Kept("poetry config cache-dir", ("**/poetry.lock",)),
    "pipenv": Kept('echo "$HOME/.local/share/virtualenvs"', ("**/Pipfile.lock",)),
    "npm": Kept("npm config get cache", ("**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock")),
    "yarn": Kept("yarn cache dir 2>/dev/null || yarn config get cacheFolder", ("**/yarn.lock",)),
    "pnpm": Kept("pnpm store path --silent", ("**/pnpm-lock.yaml",)),
    "go": Kept("go env GOMODCACHE", ("**/go.sum",)),
    "maven": Kept('echo "$HOME/.m2/repository"', ("**/pom.xml",)),
    "gradle": Kept('echo "$HOME/.gradle/caches"', ("**/*.gradle*", "**/gradle-wrapper.properties")),
    "uv": Kept('echo "$UV_CACHE_DIR"', ("**/uv.lock", "**/requirements*.txt", "**/pyproject.toml")),
}


def python(asked: Asked) -> Resolved:
    """Finds the Pythons that are asked for."""
    return _set_up(asked, _PYTHON, asked.raw("cache"), _other_pythons(asked))


def node(asked: Asked) -> Resolved:
    """Finds the Node that is asked for."""
    return _set_up(asked, _NODE, asked.raw("cache"))


def go(asked: Asked) -> Resolved:
    """Finds the Go that is asked for; its modules are cached unless `cache` is off."""
    return _set_up(asked, _GO, "go" if asked.raw("cache", "true") == "true" else "")


def java(asked: Asked) -> Resolved:
    """Finds the JDK that is asked for."""
    return _set_up(asked, _JAVA, asked.raw("cache"))


def uv(asked: Asked) -> Resolved:
    """Finds uv, or installs it."""
    wanted = asked.raw("enable-cache", "auto").lower()
    return _set_up(asked, _UV, "uv" if wanted in ("true", "auto") else "")


def _other_pythons(asked: Asked) -> tuple[Finding, ...]:
    lines = (line.strip() for line in asked.raw("python-version").splitlines())
    others = [f"`{line}`" for line in lines if _OTHER_PYTHON.match(line)]
    if not others:
        return ()
    message = f"{', '.join(others)} is not looked for: only CPython is"
    hint = "give an image that has it, by `container`"
    return (told(asked, Severity.UNSUPPORTED, "other-python", message, hint, at=asked.text("python-version")),)


def _set_up(asked: Asked, language: Language, manager: str, findings: tuple[Finding, ...] = ()) -> Resolved:
    findings = (*findings, *ignored(asked, language.ignored))
    place = asked.text("working-directory") if language is _UV and asked.raw("working-directory") else None
    if not manager or manager not in _MANAGERS:
        if manager:
            message = f"`cache: {manager}` is not reproduced: nothing is cached"
            findings = (*findings, told(asked, Severity.WARNING, "cache-manager", message, at=asked.text("cache")))
        step = script(asked, language.scripts, language.inputs)
        return Resolved(replace(step, workdir=place or step.workdir), (), findings)
    inputs = {name: asked.text(name, otherwise) for name, otherwise in language.inputs.items()}
    setup = replace(inside(asked, "setup", f"Find {language.title}", language.scripts, language.inputs), workdir=place)
    dependencies = "cache-dependency-glob" if language is _UV else "cache-dependency-path"
    outputs = {name: f"steps.setup.outputs.{name}" for name in language.outputs}
    steps = (setup, *_cached(asked, language, manager, dependencies))
    step = group(asked, steps, {**inputs, **_dependencies(asked, dependencies)}, {**outputs, "cache-hit": HIT})
    return Resolved(step, (), findings)


def _dependencies(asked: Asked, name: str) -> dict[str, Text]:
    return {"dependencies": asked.text(name)} if asked.raw(name) else {}


def _cached(asked: Asked, language: Language, manager: str, dependencies: str) -> tuple[Step, ...]:
    """Steps that keep what `manager` has in its folder, under a key of system, version and dependency files."""
    kept = _MANAGERS[manager]
    body = f'folder=$({kept.folder}) || folder=\necho "folder=$folder" >>"$GITHUB_OUTPUT"\n'
    ask = inner(asked, "folder", f"Where {manager} keeps its cache", Script(Text(body, asked.step.at), SH))
    files = ", ".join(f"'{one}'" for one in kept.files)
    lines = asked.lines(dependencies)
    if lines and not any("${{" in line.raw for line in lines):
        files = ", ".join(f"'{line.raw.replace(chr(39), chr(39) * 2)}'" for line in lines)
    elif lines:
        files = "inputs.dependencies"
    version = f"steps.setup.outputs.{language.outputs[0]}"
    opening = f"format('setup-{language.name}-{{0}}-{{1}}-{{2}}-{manager}', runner.os, runner.arch, {version})"
    keys = (
        expression(asked, f"format('{{0}}-{{1}}', {opening}, hashFiles({files}))"),
        *((expression(asked, opening),) if manager in ("pip", "uv") else ()),
    )
    place = expression(asked, "steps.folder.outputs.folder")
    return (ask, *restore_steps(replace(asked, given={}), keys, (place,), save=True))
