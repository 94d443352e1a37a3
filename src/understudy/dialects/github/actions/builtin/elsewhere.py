"""Actions whose work is done elsewhere: uploads of coverage, releases, pages, messages, log-ins.

What differs: nothing is sent. The step passes, says in its log what the action would have done, and a note stands in
the findings; an input that would make the real one fail (`fail_ci_if_error`) has nothing to fail about.
"""

import shlex
from collections.abc import Mapping
from dataclasses import replace

from understudy.dialects.github.actions.builtin.parts import BuiltIn, told
from understudy.dialects.github.actions.resolved import SH, Asked, Resolved
from understudy.findings import Severity
from understudy.model.pipeline import Script, Text

WOULD: Mapping[str, str] = {
    "codecov/codecov-action": "upload coverage reports to Codecov",
    "coverallsapp/github-action": "upload coverage reports to Coveralls",
    "codacy/codacy-coverage-reporter-action": "upload coverage reports to Codacy",
    "codecov/test-results-action": "upload test results to Codecov",
    "paambaati/codeclimate-action": "upload coverage reports to Code Climate",
    "sigstore/gh-action-sigstore-python": "sign the distributions with Sigstore",
    "sonarsource/sonarqube-scan-action": "scan the code and upload the result to Sonar",
    "sonarsource/sonarcloud-github-action": "scan the code and upload the result to Sonar",
    "github/codeql-action/init": "begin a CodeQL analysis",
    "github/codeql-action/autobuild": "build the code for CodeQL",
    "github/codeql-action/analyze": "analyze the code with CodeQL and upload the result",
    "github/codeql-action/upload-sarif": "upload findings to the repository",
    "ossf/scorecard-action": "rate the repository's security",
    "actions/attest-build-provenance": "sign and publish where the build came from",
    "actions/dependency-review-action": "compare the dependencies of the pull request",
    "actions/configure-pages": "ask the service for the settings of the site",
    "actions/deploy-pages": "publish the site",
    "peaceiris/actions-gh-pages": "push the site to a branch",
    "jamesives/github-pages-deploy-action": "push the site to a branch",
    "pypa/gh-action-pypi-publish": "publish the distributions on PyPI",
    "softprops/action-gh-release": "make a release",
    "ncipollo/release-action": "make a release",
    "actions/create-release": "make a release",
    "aio-libs/create-release": "make a release",
    "actions/upload-release-asset": "add a file to a release",
    "release-drafter/release-drafter": "draft a release",
    "actions/first-interaction": "greet newcomers",
    "actions/labeler": "label the pull request",
    "actions/stale": "close stale issues",
    "dessant/lock-threads": "lock closed issues",
    "tiangolo/issue-manager": "answer and close issues",
    "pre-commit-ci/lite-action": "push what the hooks of pre-commit mended",
    "actions/add-to-project": "add an issue to a project",
    "actions/delete-package-versions": "delete packages",
    "geekyeggo/delete-artifact": "delete artifacts",
    "peter-evans/create-pull-request": "open a pull request",
    "peter-evans/create-or-update-comment": "comment on an issue",
    "marocchino/sticky-pull-request-comment": "comment on the pull request",
    "thollander/actions-comment-pull-request": "comment on the pull request",
    "py-cov-action/python-coverage-comment-action": "comment on the pull request",
    "mikepenz/action-junit-report": "report test results on the commit",
    "dorny/test-reporter": "report test results on the commit",
    "enricomi/publish-unit-test-result-action": "report test results on the commit",
    "actions/attest": "sign and publish a statement about the build",
    "actions/attest-sbom": "sign and publish what the build is made of",
    "amannn/action-semantic-pull-request": "check the title of the pull request",
    "benchmark-action/github-action-benchmark": "compare and publish benchmarks",
    "dependabot/fetch-metadata": "ask what Dependabot has changed",
    "davelosert/vitest-coverage-report-action": "comment on the pull request",
    "endbug/add-and-commit": "commit and push what has changed",
    "stefanzweifel/git-auto-commit-action": "commit and push what has changed",
    "ad-m/github-push-action": "push what was committed",
    "ewjoachim/python-coverage-comment-action": "comment on the pull request",
    "googleapis/release-please-action": "prepare a release",
    "python-semantic-release/python-semantic-release": "make a release",
    "python-semantic-release/publish-action": "add files to a release",
    "svenstaro/upload-release-action": "add a file to a release",
    "lewagon/wait-on-check-action": "wait for other checks",
    "mishakav/pytest-coverage-comment": "comment on the pull request",
    "5monkeys/cobertura-action": "comment on the pull request",
    "schneegans/dynamic-badges-action": "update a badge",
    "qltysh/qlty-action/coverage": "upload coverage reports to Qlty",
    "trunk-io/analytics-uploader": "upload test results to Trunk",
    "zizmorcore/zizmor-action": "audit the workflows and upload the result",
    "rbialon/flake8-annotations": "report findings on the commit",
    "scientific-python/circleci-artifacts-redirector-action": "link artifacts of CircleCI",
    "slackapi/slack-github-action": "send a message to Slack",
    "deepset-ai/notify-slack-action": "send a message to Slack",
    "8398a7/action-slack": "send a message to Slack",
    "ravsamhq/notify-slack-action": "send a message to Slack",
    "styfle/cancel-workflow-action": "cancel earlier runs",
    "mxschmitt/action-tmate": "wait for somebody to log in",
    "step-security/harden-runner": "watch what the job talks to",
    "docker/login-action": "log in to a registry",
    "docker/setup-qemu-action": "set up emulators of other processors",
    "docker/setup-buildx-action": "set up a builder; the engine's own is used",
    "aws-actions/configure-aws-credentials": "get credentials from AWS",
    "google-github-actions/auth": "get credentials from Google Cloud",
    "azure/login": "log in to Azure",
    "webfactory/ssh-agent": "start an agent with SSH keys",
    "actions/create-github-app-token": "get a token from GitHub",
    "ilammy/msvc-dev-cmd": "set up Microsoft's compiler, on Windows alone",
    "microsoft/setup-msbuild": "set up MSBuild, on Windows alone",
    "jlumbroso/free-disk-space": "remove programs from the hosted machine",
    "easimon/maximize-build-space": "remove programs from the hosted machine",
}
"""What an action would do on the service, by its name."""


def _made(would: str) -> BuiltIn:
    def only_tell(asked: Asked) -> Resolved:
        name = asked.use.ref.raw
        message = f"`{name}` is not performed: on the service it would {would}"
        body = f"printf '%s\\n' {shlex.quote(f'Not performed here: {name} would {would}.')}\n"
        step = replace(asked.step, action=Script(Text(body, asked.step.at), SH))
        return Resolved(step, (), (told(asked, Severity.NOTE, "done-elsewhere", message),))

    return only_tell


ELSEWHERE: Mapping[str, BuiltIn] = {name: _made(would) for name, would in WOULD.items()}
