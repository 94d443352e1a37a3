"""The inputs that an action gets: those given, and the defaults of the others."""

from understudy.dialects.github.actions.metadata import PAGE, Metadata
from understudy.findings import Finding, Severity
from understudy.model.pipeline import Text, Use


def with_defaults(use: Use, metadata: Metadata) -> dict[str, Text]:
    """The inputs by the names that the action has for them; unknown ones keep theirs.

    An input with neither value nor default is empty. See
    https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs.
    """
    found = {one.name: one.default or Text("", use.ref.at) for one in metadata.inputs.values()}
    for name, text in use.inputs.items():
        declared = metadata.input(name)
        found[declared.name if declared else name] = text
    return found


def told(use: Use, metadata: Metadata) -> tuple[Finding, ...]:
    """What the action's author says of inputs that shall not be used any more."""
    findings = []
    for name, text in use.inputs.items():
        declared = metadata.input(name)
        if declared is not None and declared.deprecated:
            message = f"the input `{name}` of `{use.ref.raw}` is deprecated: {declared.deprecated.rstrip('.')}"
            rule = f"{PAGE}#inputsinput_iddeprecationmessage"
            findings.append(Finding(Severity.WARNING, "deprecated-input", message, text.at, rule=rule))
    return tuple(findings)
