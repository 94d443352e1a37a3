"""Other words for keys, too far from them to be guessed; what is near enough needs no list."""

from collections.abc import Mapping

_OFTEN_WRITTEN = {
    "after_deploy": "after_deployment",
    "after_script": "after_test",
    "after_success": "after_successsudo",
    "allow_failures": "allow_failures__php known_failures",
    "apt_packages": "r_apt_packages",
    "before_cache": "before_archive",
    "before_deploy": "before_deployment",
    "before_script": "before_setup deploybefore_script jruby_before_script",
    "branch": "branche",
    "branches": "branchesonly",
    "bucket": "s3_bucket",
    "deploy": "diydeploy",
    "dist": "distro",
    "language": "langlanguage",
    "notifications": "notifications.irc",
    "packages": "src/packages",
    "r_binary_packages": "r_binary_pacakges",
    "r_check_args": "r_check_arg",
    "sudo": "qqsudo",
    "warnings_are_errors": "warning_are_errors warnings_are_erros warnings_as_errors",
}

MEANT: Mapping[str, str] = {word: key for key, words in _OFTEN_WRITTEN.items() for word in words.split()}
"""The key that is meant by a word."""
