"""What is known of each deployment provider: https://docs.travis-ci.com/user/deployment-v2/"""

from collections.abc import Mapping

from understudy.dialects.travis.schema.build import choice, fields, flag, named, secret, several, texts
from understudy.dialects.travis.schema.common import OS
from understudy.dialects.travis.schema.forms import Map, Node, OneOf
from understudy.dialects.travis.schema.languages import JOB_KEYS

_FIELDS = {
    "anynines": "username:open password:secret organization space app_name buildpack manifest logout:flag",
    "azure_web_apps": "site slot username:open password:secret verbose:flag",
    "bintray": "user:open key:secret file passphrase:secret url",
    "bluemixcloudfoundry": (
        "username:open password:secret organization api space region buildpack manifest "
        "skip_ssl_validation:flag app_name logout:flag"
    ),
    "boxfuse": "user:open secret:secret config_file=configfile payload app version env extra_args",
    "cargo": "token:secret allow_dirty:flag",
    "chef_supermarket": "user_id client_key name=cookbook_name category=cookbook_category dir",
    "cloud66": "redeployment_hook:secret",
    "cloudfiles": "username:open api_key:secret region container glob dot_match:flag",
    "cloudformation": (
        "access_key_id:open secret_access_key:secret region template stack_name stack_name_prefix "
        "promote:flag role_arn sts_assume_role capabilities:texts wait:flag wait_timeout:number "
        "create_timeout:number parameters:texts output_file"
    ),
    "cloudfoundry": (
        "username:open password:secret organization api space buildpack manifest skip_ssl_validation:flag "
        "app_name logout:flag v3:flag"
    ),
    "codedeploy": (
        "access_key_id:open secret_access_key:secret application deployment_group commit_id description "
        "repository region wait_until_deployed:flag bucket key bundle_type endpoint"
    ),
    "convox": (
        "host app rack password:secret install_url update_cli:flag create:flag promote:flag env:texts "
        "env_file description generation:number"
    ),
    "datica": "target path",
    "ecr": "access_key_id:open secret_access_key:secret account_id source target region",
    "elasticbeanstalk": (
        "access_key_id:open secret_access_key:secret region bucket=bucket_name app:named env:named "
        "description label zip_file bucket_path wait_until_deployed:flag debug:flag"
    ),
    "engineyard": "email:open password:secret api_key:secret account:open app:named env=environment:named migrate",
    "firebase": "project token:secret message only force:flag",
    "flynn": "git:open",
    "gae": ("project keyfile config:texts version verbosity promote:flag stop_previous_version:flag install_sdk:flag"),
    "gcs": (
        "key_file access_key_id:open secret_access_key:secret bucket upload_dir local_dir dot_match:flag "
        "acl cache_control detect_encoding:flag"
    ),
    "git_push": (
        "token=github_token:secret deploy_key repo branch base_branch commit_message "
        "allow_empty_commit:flag allow_same_branch:flag force:flag local_dir name email host "
        "enterprise:flag"
    ),
    "gleis": "app username password:secret key_name verbose:flag",
    "hackage": "username:open password:secret publish:flag",
    "hephy": "controller username:open password:secret app cli_version verbose:flag",
    "heroku": "username=user:secret password:secret app:named git",
    "lambda": (
        "access_key_id:open secret_access_key:secret region function_name role handler_name module_name "
        "zip description timeout memory_size runtime security_group_ids:texts "
        "environment=environment_variables:secrets subnet_ids:texts dead_letter_arn kms_key_arn "
        "layers:texts publish:flag function_tags:secrets dot_match:flag"
    ),
    "launchpad": "slug oauth_token:secret oauth_token_secret:secret",
    "netlify": "site auth:secret dir functions message prod:flag",
    "npm": "email:open api_token=api_key:secret registry src tag auth_method",
    "nuget": "api_key:open registry src no_symbols:flag skip_duplicate:flag",
    "openshift": "server token:secret project app",
    "opsworks": (
        "access_key_id:open secret_access_key:secret region app_id instance_ids:texts layer_ids:texts "
        "migrate:flag wait_until_deployed:flag custom_json update_on_success=update_app_on_success:flag"
    ),
    "packagecloud": (
        "username:open token:secret repository local_dir dist package_glob:texts force:flag "
        "connect_timeout:number read_timeout:number write_timeout:number"
    ),
    "pages": (
        "token=github_token:secret deploy_key repo target_branch local_dir fqdn project_name email name "
        "url=github_url keep_history:flag verbose:flag allow_empty_commit:flag commit_message "
        "committer_from_gh:flag deployment_file:flag"
    ),
    "puppetforge": "username=user:open password:secret url",
    "pypi": (
        "username=user:open password:secret server distributions docs_dir skip_existing:flag "
        "upload_docs:flag twine_check:flag remove_build_dir:flag setuptools_version twine_version "
        "wheel_version"
    ),
    "releases": (
        "username=user:open password:secret token=api_key:secret repo file:texts file_glob:flag "
        "overwrite:flag draft:flag name prerelease:flag release_number release_notes=body "
        "release_notes_file tag_name target_commitish"
    ),
    "rubygems": "gem:named gemspec gemspec_glob host",
    "s3": (
        "access_key_id:open secret_access_key:secret bucket region endpoint upload_dir local_dir glob "
        "dot_match:flag acl detect_encoding:flag cache_control:texts expires:texts default_text_charset "
        "storage_class server_side_encryption:flag index_document_suffix overwrite:flag "
        "force_path_style:flag max_threads:number verbose:flag"
    ),
    "scalingo": ("api_token=api_key:secret username=user:open password:secret remote branch app region timeout:number"),
    "script": "script",
    "snap": "snap channel token:secret",
    "surge": "login:open token:secret project domain",
    "testfairy": ("api_key:secret app_file symbols_file testers_groups notify:flag auto_update:flag advanced_options"),
    "transifex": "api_token:secret username:open password:secret hostname cli_version",
}

_OTHERS: Mapping[str, Mapping[str, Node]] = {
    "codedeploy": {
        "revision_type": choice("s3", "github", ignore_case=True),
        "file_exists_behavior": choice("disallow", "overwrite", "retain", ignore_case=True),
    },
    "gae": {
        "no_promote": flag(deprecated="use promote: false"),
        "no_stop_previous_version": flag(deprecated="use stop_previous_version: false"),
    },
    "heroku": {"strategy": choice("api", "git", default="api"), "api_key": named(secret())},
    "lambda": {"tracing_mode": choice("Active", "PassThrough")},
    "npm": {"access": choice("public", "private")},
    "pages": {"strategy": choice("api", "git", default="git")},
    "pypi": {"skip_upload_docs": flag(deprecated="use upload_docs: false")},
    "rubygems": {
        "api_key": named(secret()),
        "username": named(secret(strict=False), aliases=("user",)),
        "password": named(secret()),
    },
}
_REQUIRED = {
    "convox": ("app", "rack", "password"),
    "launchpad": ("slug", "oauth_token", "oauth_token_secret"),
    "puppetforge": ("username", "password"),
}

_BRANCHES = OneOf(forms=(texts(normal=True), Map(strict=False, normal=True, deprecated="branch_specific_option_hash")))
_CONDITIONS = OneOf(
    forms=(
        Map(
            keys={
                "os": OS,
                "branch": _BRANCHES,
                **fields("repo condition:texts all_branches:flag tags:flag"),
                **JOB_KEYS,
            },
            prefix="branch",
            prefix_only=("str",),
            normal=True,
        ),
        _BRANCHES,
    ),
    aliases=("true",),
)
"""https://docs.travis-ci.com/user/deployment-v2/conditional/"""

_EVERY: Mapping[str, Node] = {
    "on": _CONDITIONS,
    **fields("run:texts allow_failure:flag cleanup:flag"),
    "skip_cleanup": flag(deprecated="not supported in dpl v2, use cleanup"),
    "edge": OneOf(forms=(flag(), Map(keys=fields("enabled:flag source branch")))),
}


def _provider(name: str) -> OneOf:
    main = Map(
        keys={**fields(_FIELDS[name]), **_OTHERS.get(name, {}), "provider": choice(name), **_EVERY},
        prefix="provider",
        prefix_only=("str",),
        required=(*_REQUIRED.get(name, ()), "provider"),
        normal=True,
    )
    return OneOf(forms=(main, choice(name)), normal=True)


DEPLOY = several(OneOf(forms=tuple(_provider(name) for name in _FIELDS), normal=True, detect="provider"))
