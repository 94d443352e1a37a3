"""What other readers of the language can be compared by: the endpoint `normalise` of the conformance command."""

from collections.abc import Mapping

from understudy.dialects.bitbucket.document import normalised as normal_form
from understudy.dialects.bitbucket.read import FILES
from understudy.findings import Severity
from understudy.text import yaml


def normalised(question: Mapping[str, object]) -> dict[str, object]:
    """{text} -> {config, messages}: the file in its normal form, and what YAML says against it."""
    text = question.get("text")
    loaded = yaml.load(text if isinstance(text, str) else "", FILES[0], duplicates=Severity.WARNING)
    messages = [
        {
            "line": one.at.line,
            "col": one.at.column,
            "code": one.code,
            "severity": one.severity.value,
            "message": one.message,
        }
        for one in loaded.findings
    ]
    return {"config": normal_form(loaded.root), "messages": messages}
