"""The numbers that the service holds files to, each with the page that says so."""

from understudy.dialects.bitbucket import pages
from understudy.findings import Finding, Position, Severity

MOST_STEPS = 100
"""Of a pipeline. See https://support.atlassian.com/bitbucket-cloud/docs/limitations-of-bitbucket-pipelines/."""

MOST_SERVICES = 5
"""Of a step. See https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/."""

MOST_LABELS = 10
"""Of a step's runner. See https://support.atlassian.com/bitbucket-cloud/docs/configure-your-runner-in-bitbucket-pipelines-yml/."""

MOST_INPUTS = 20
"""Variables that a step hands to a child. See https://support.atlassian.com/bitbucket-cloud/docs/child-pipeline-step-options/."""

LONGEST_SMALL = 120
SMALL = ("1x", "2x")
"""Minutes of a step of one of these sizes; larger ones, and those on own runners, may take 720.

See https://support.atlassian.com/bitbucket-cloud/docs/global-options/.
"""


def beyond(what: str, at: Position, hint: str, rule: str = pages.LIMITS) -> Finding:
    """A limit that is broken: `what` says which, and by how much."""
    return Finding(Severity.ERROR, "limit", what, at, hint, rule)
