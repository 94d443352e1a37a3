"""The actions that are built in: they need neither network nor Node. docs/github-actions.md lists what each does."""

from collections.abc import Mapping

from understudy.dialects.github.actions.builtin import artifacts, caches, languages, programs
from understudy.dialects.github.actions.builtin.checkout import checkout
from understudy.dialects.github.actions.builtin.elsewhere import ELSEWHERE
from understudy.dialects.github.actions.builtin.parts import BuiltIn

BUILT_IN: Mapping[str, BuiltIn] = {
    "actions/checkout": checkout,
    "actions/setup-python": languages.python,
    "actions/setup-node": languages.node,
    "actions/setup-go": languages.go,
    "actions/setup-java": languages.java,
    "astral-sh/setup-uv": languages.uv,
    "actions/cache": caches.cache,
    "actions/cache/restore": caches.restore,
    "actions/cache/save": caches.save,
    "actions/upload-artifact": artifacts.upload,
    "actions/upload-artifact/merge": artifacts.merge,
    "actions/download-artifact": artifacts.download,
    "actions/upload-pages-artifact": programs.pages,
    "docker/build-push-action": programs.build,
    "pre-commit/action": programs.pre_commit,
    "conda-incubator/setup-miniconda": programs.conda,
    "snok/install-poetry": programs.poetry,
    "abatilo/actions-poetry": programs.poetry,
    "gr1n/setup-poetry": programs.poetry,
    "pdm-project/setup-pdm": programs.pdm,
    "re-actors/alls-green": programs.green,
    "astral-sh/ruff-action": programs.ruff,
    "chartboost/ruff-action": programs.ruff,
    "codspeedhq/action": programs.benchmarks,
    "supercharge/redis-github-action": programs.redis,
    **ELSEWHERE,
}
"""By `owner/repository` and the folder in it, in small letters; whatever the ref."""
