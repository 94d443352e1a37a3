"""Actions that run a program: Docker builds, pre-commit, conda, Pages, Poetry, PDM, Ruff, Redis, and the verdict over
needed jobs.

What differs: `docker/build-push-action` builds with the engine that the room can reach and never pushes, for this
machine's own platform; `pre-commit/action` keeps its hooks in this machine's store; `setup-miniconda` takes the conda
that is there and downloads none; `upload-pages-artifact` keeps the site as files, and not as a tar archive; Poetry is
installed by pip, not by its own installer; so is Ruff, whose annotations are those of `--output-format github`; the
benchmarks of CodSpeed are run as any command, nothing is measured or sent; Redis is the room's own server.
"""

from dataclasses import replace

from understudy.dialects.github.actions.builtin import artifacts, languages
from understudy.dialects.github.actions.builtin.caches import restore_steps
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
from understudy.findings import Severity
from understudy.model.pipeline import Script, Text

_BUILD = {
    "context": "", "file": "", "tags": "", "build-args": "", "labels": "", "target": "", "push": "false",
    "pull": "false", "no-cache": "false",
}  # fmt: skip
_CONDA = {
    "activate-environment": "", "environment-file": "", "python-version": "", "channels": "", "channel-priority": "",
    "auto-activate-base": "true",
}  # fmt: skip
_PRE_COMMIT = """\
python -m pip install --quiet --disable-pip-version-check pre-commit
eval "pre-commit run --show-diff-on-failure --color=always $INPUT_EXTRA_ARGS"
"""


def build(asked: Asked) -> Resolved:
    """Builds an image. https://github.com/docker/build-push-action"""
    findings = ignored(asked, {"cache-from": "the engine's own cache is used", "cache-to": "as `cache-from`"})
    if "," in asked.raw("platforms"):
        message = "the image is built for this machine's own platform alone"
        findings = (*findings, told(asked, Severity.WARNING, "platforms", message, at=asked.given["platforms"]))
    if asked.raw("push", "false") != "false":
        message = "the image is not pushed anywhere"
        findings = (*findings, told(asked, Severity.NOTE, "done-elsewhere", message, at=asked.given["push"]))
    return Resolved(script(asked, ("docker.sh",), _BUILD), (), findings)


def conda(asked: Asked) -> Resolved:
    """Makes an environment. https://github.com/conda-incubator/setup-miniconda"""
    names = ("miniconda-version", "miniforge-version", "miniforge-variant", "installer-url", "auto-update-conda")
    findings = ignored(asked, dict.fromkeys(names, "the conda that is there is taken"))
    return Resolved(script(asked, ("conda.sh",), _CONDA), (), findings)


def pre_commit(asked: Asked) -> Resolved:
    """Runs the hooks, whose environments are cached. https://github.com/pre-commit/action"""
    key = "format('pre-commit-3|{0}|{1}', env.pythonLocation, hashFiles('.pre-commit-config.yaml'))"
    place = Text("~/.cache/pre-commit", asked.step.at)
    cached = restore_steps(replace(asked, given={}), (expression(asked, key),), (place,), save=True)
    run = inner(asked, "run", "Run pre-commit", Script(Text(_PRE_COMMIT, asked.step.at), SH))
    run = replace(run, env={"INPUT_EXTRA_ARGS": expression(asked, "inputs.extra_args")})
    inputs = {"extra_args": asked.text("extra_args", "--all-files")}
    return Resolved(group(asked, (*cached, run), inputs, {}))


def green(asked: Asked) -> Resolved:
    """Judges the jobs that are needed. https://github.com/re-actors/alls-green"""
    return Resolved(script(asked, ("green.sh",), {"jobs": "", "allowed-failures": "", "allowed-skips": ""}))


def pages(asked: Asked) -> Resolved:
    """Keeps the site as an artifact. https://github.com/actions/upload-pages-artifact"""
    given = {"name": asked.text("name", "github-pages"), "path": asked.text("path", "_site/")}
    return artifacts.upload(replace(asked, given=given))


def ruff(asked: Asked) -> Resolved:
    """Runs Ruff. https://github.com/astral-sh/ruff-action, https://github.com/chartboost/ruff-action"""
    inputs = {"args": "check", "src": "", "version": "", "version-file": ""}
    return Resolved(script(asked, ("apart.sh", "ruff.sh"), inputs))


def benchmarks(asked: Asked) -> Resolved:
    """Runs what is to be measured. https://github.com/CodSpeedHQ/action"""
    message = "nothing is measured, and nothing is sent to CodSpeed: the benchmarks are only run"
    finding = told(asked, Severity.NOTE, "done-elsewhere", message)
    step = replace(asked.step, action=Script(asked.text("run", "true"), Text("bash", asked.step.at)))
    place = asked.given.get("working-directory")
    return Resolved(replace(step, workdir=place or step.workdir), (), (finding,))


def redis(asked: Asked) -> Resolved:
    """Starts a Redis server. https://github.com/supercharge/redis-github-action"""
    names = ("redis-image", "redis-container-name", "redis-remove-container-on-exit")
    findings = ignored(asked, dict.fromkeys(names, "the room's own server is started"))
    inputs = {"redis-version": "", "redis-port": "6379", "redis-password": ""}
    return Resolved(script(asked, ("redis.sh",), inputs), (), findings)


def pdm(asked: Asked) -> Resolved:
    """Finds the Python, and installs PDM. https://github.com/pdm-project/setup-pdm"""
    inputs = {name: asked.text(name, otherwise) for name, otherwise in languages.PYTHON_INPUTS.items()}
    inputs["allow-prereleases"] = asked.text("allow-python-prereleases", "false")
    inputs["pdm-version"] = asked.text("version")
    setup = inside(asked, "setup", "Find Python", ("versions.sh", "python.sh"), languages.PYTHON_INPUTS)
    install = inside(asked, "install", "Install PDM", ("apart.sh", "pdm.sh"), {"pdm-version": ""})
    outputs = {name: f"steps.setup.outputs.{name}" for name in ("python-version", "python-path")}
    outputs |= {name: f"steps.install.outputs.{name}" for name in ("pdm-version", "pdm-bin")}
    findings = ignored(asked, {"cache": "what PDM fetches is not kept", "enable-pep582": "it is not switched on"})
    return Resolved(group(asked, (setup, install), inputs, outputs), (), findings)


def poetry(asked: Asked) -> Resolved:
    """Installs Poetry. https://github.com/snok/install-poetry, https://github.com/abatilo/actions-poetry"""
    version = asked.given.get("version") or asked.given.get("poetry-version") or Text("", asked.step.at)
    plain = Text("", asked.step.at) if version.raw == "latest" else version
    inputs = {"version": "", "virtualenvs-create": "", "virtualenvs-in-project": ""}
    asked = replace(asked, given={**asked.given, "version": plain})
    return Resolved(script(asked, ("apart.sh", "poetry.sh"), inputs))
