"""The pages of GitHub's documentation that findings point to."""

SYNTAX = "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax"
REUSING = "https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows"
