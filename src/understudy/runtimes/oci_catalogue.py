"""The shipped catalogue: which public image stands in for a label or an image that no registry has."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

CATALOGUE: Mapping[str, str] = {
    "ubuntu-latest": "catthehacker/ubuntu:act-latest",
    "ubuntu-24.04": "catthehacker/ubuntu:act-24.04",
    "ubuntu-22.04": "catthehacker/ubuntu:act-22.04",
    "ubuntu-20.04": "catthehacker/ubuntu:act-20.04",
    "ubuntu-2404:*": "cimg/base:current-24.04",
    "ubuntu-2204:*": "cimg/base:current-22.04",
    "ubuntu-2004:*": "cimg/base:current-20.04",
    "linux-cuda-*": "cimg/base:current-22.04",
    "android:*": "cimg/android:2024.01",
    "default": "cimg/base:current",
    "atlassian/default-image": "atlassian/default-image:4",
    "travis-python-*": "python:*",
    "travis-node_js-*": "node:*",
    "travis-go-*": "golang:*",
    "travis-ruby-*": "ruby:*",
    "travis-rust-*": "rust:*",
    "travis-php-*": "php:*",
    "travis-noble": "catthehacker/ubuntu:act-24.04",
    "travis-jammy": "catthehacker/ubuntu:act-22.04",
    "travis-focal": "catthehacker/ubuntu:act-20.04",
    "travis-*": "buildpack-deps:*",
    "travis": "catthehacker/ubuntu:act-22.04",
    "machine": "cimg/base:current",
    "nested-engine": "docker:28-dind",
}
"""Names and patterns, the first match counts. Images of registries (`cimg/*`, `python:*`) stand for themselves."""


def mapped(name: str, own: Mapping[str, str]) -> str:
    """What `name` means: by the user's `own` map, then the catalogue, else itself. A target may hold `*`: the match."""
    for table in (own, CATALOGUE):
        if name in table:
            return table[name]
        for pattern, target in table.items():
            if any(sign in pattern for sign in "*?[") and fnmatchcase(name, pattern):
                return target.replace("*", _matched(name, pattern)) if "*" in target else target
    return name


def _matched(name: str, pattern: str) -> str:
    head, _, tail = pattern.partition("*")
    return name[len(head) : len(name) - len(tail) if tail else None]


def machine_image(labels: Iterable[str]) -> str:
    """The name to look up for a job that asks for a whole machine."""
    return next(iter(labels), "machine")
