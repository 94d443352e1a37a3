"""Pipes that only tell somebody something, or send it off: they are not performed, and say what they would have done.

See https://bitbucket.org/product/features/pipelines/integrations.
"""

from collections.abc import Mapping

WOULD: Mapping[str, str] = {
    "atlassian/slack-notify": "send a message to Slack",
    "atlassian/email-notify": "send an e-mail",
    "atlassian/msteams-notify": "send a message to Microsoft Teams",
    "atlassian/google-chat-notify": "send a message to Google Chat",
    "atlassian/opsgenie-send-alert": "raise an alert at Opsgenie",
    "atlassian/jira-create-issue": "create an issue in Jira",
    "atlassian/jira-transition": "move an issue in Jira",
    "atlassian/bitbucket-build-status": "set the status of the commit",
    "atlassian/bitbucket-trigger-pipeline": "start another pipeline",
    "atlassian/bitbucket-clear-cache": "clear caches of the repository",
    "atlassian/bitbucket-upload-file": "upload files to the downloads of the repository",
    "atlassian/checkstyle-report": "report what Checkstyle found on the pull request",
    "atlassian/git-secrets-scan": "scan the changes for secrets, and report them on the pull request",
    "atlassian/trigger-pipeline": "start another pipeline",
    "sonarsource/sonarcloud-quality-gate": "ask SonarCloud whether the code is good enough",
    "codecov/codecov": "upload coverage reports to Codecov",
}
"""By owner and name."""
