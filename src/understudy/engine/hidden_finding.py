"""A finding without secrets; apart from events, which a plan, that has findings too, needn't load."""

from dataclasses import replace

from understudy.engine.mask import Secrets
from understudy.findings import Finding


def hidden_finding(finding: Finding, secrets: Secrets) -> Finding:
    """`finding` with its words masked."""
    hide = secrets.hide_text
    return replace(finding, message=hide(finding.message), hint=hide(finding.hint))
