"""The section `addons`: https://docs.travis-ci.com/user/installing-dependencies/ and the pages of the services."""

from dataclasses import replace

from understudy.dialects.travis.schema.build import (
    choice,
    fields,
    flag,
    secret,
    secrets,
    section,
    several,
    text,
    texts,
)
from understudy.dialects.travis.schema.common import BRANCHES
from understudy.dialects.travis.schema.deploys import DEPLOY
from understudy.dialects.travis.schema.forms import Map, Node, OneOf

_SOURCE = OneOf(forms=(Map(keys=fields("name sourceline key_url"), prefix="name", normal=True), text()))
_SNAP = OneOf(forms=(Map(keys=fields("name classic:flag channel"), prefix="name", normal=True), text()))
_PROJECT = OneOf(
    forms=(Map(keys=fields("name version description"), prefix="name", normal=True, required=("name",)), text()),
)

_APT = section(
    {
        "packages": texts(aliases=("package",)),
        "sources": several(_SOURCE, aliases=("source",)),
        **fields("dist update:flag"),
        "config": Map(keys=fields("retries:flag")),
    },
    texts(),
    flag(),
    prefix="packages",
    changes="enable",
)
_ARTIFACTS = section(
    {
        **fields("enabled:flag bucket endpoint"),
        "key": secret(strict=False, aliases=("aws_access_key_id", "aws_access_key", "access_key_id", "access_key")),
        "secret": secret(aliases=("aws_secret_access_key", "aws_secret_key", "secret_access_key", "secret_key")),
        **fields(
            "region=s3_region paths:texts branch log_format target_paths:texts debug:flag concurrency:number "
            "max_size:number permissions working_dir cache_control"
        ),
    },
    flag(),
    changes="enable",
)
_BROWSERSTACK = section(
    fields(
        "username:open access_key:secret forcelocal:flag only app_path proxyHost proxyPort proxyUser proxyPass:secret"
    ),
    flag(),
    changes="enable",
)
_COVERITY = section(
    {
        "project": _PROJECT,
        **fields("build_script_url branch_pattern notification_email:open build_command build_command_prepend"),
    },
    flag(),
    changes="enable",
)
_HOMEBREW = section(
    {**fields("update:flag packages:texts casks:texts taps:texts"), "brewfile": OneOf(forms=(flag(), text()))},
    texts(),
    flag(),
    prefix="packages",
    changes="enable",
)
_SONARCLOUD = section(
    {
        **fields("enabled:flag organization token:secret"),
        "github_token": replace(secret(), deprecated="setting a GitHub token is deprecated"),
        "branches": texts(deprecated="setting a branch is deprecated"),
    },
    flag(),
    changes="enable",
)
_SBOM = section(
    {
        "on": replace(
            OneOf(
                forms=(
                    Map(
                        keys={"branch": BRANCHES, **fields("condition:texts all_branches:flag pr:flag")},
                        prefix="branch",
                        prefix_only=("str",),
                        normal=True,
                    ),
                    BRANCHES,
                ),
                normal=True,
            ),
            aliases=("true",),
        ),
        "run_phase": choice("before_script", "script", "after_success", "after_failure", default="after_success"),
        "output_format": choice("cyclonedx-json", "cyclonedx-xml", "spdx-json", default="cyclonedx-json"),
        **fields("output_dir input_dir:texts"),
    },
    flag(),
    changes="enable",
)
_KEYS: dict[str, Node] = {
    "apt": _APT,
    "apt_packages": texts(),
    "artifacts": _ARTIFACTS,
    "browserstack": _BROWSERSTACK,
    "chrome": choice("stable", "beta", downcase=True),
    "code_climate": section(fields("repo_token:secret"), secret(), flag(), prefix="repo_token", changes="enable"),
    "coverity_scan": _COVERITY,
    "homebrew": _HOMEBREW,
    **fields("hostname hosts:texts"),
    "jwt": replace(secrets(), deprecated="Discontinued as of April 17, 2018"),
    "sauce_connect": section(
        fields("enabled:flag username:open access_key:secret direct_domains tunnel_domains no_ssl_bump_domains"),
        flag(),
        changes="enable",
    ),
    "pkg": section(fields("packages=package:texts branch"), texts(), flag(), prefix="packages", changes="enable"),
    "srcclr": OneOf(forms=(Map(strict=False, normal=True), flag(normal=True))),
    "snaps": several(_SNAP),
    "sonarcloud": _SONARCLOUD,
    "ssh_known_hosts": secrets(strict=False),
    **fields("firefox mariadb postgresql=postgres rethinkdb"),
    "deploy": DEPLOY,
    "sbom": _SBOM,
}
ADDONS = Map(keys=_KEYS)
