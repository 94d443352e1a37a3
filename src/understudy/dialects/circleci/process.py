"""The processed form of a configuration, as `circleci config process` prints it.

See https://circleci.com/docs/guides/toolkit/how-to-use-the-circleci-local-cli/.
"""

from collections.abc import Iterator

from understudy.dialects.base import ReadFile
from understudy.dialects.circleci.compiler import CompiledJob, CompiledWorkflow
from understudy.dialects.circleci.expand import Compiled, compile_file
from understudy.dialects.circleci.logic import evaluate_logic
from understudy.dialects.circleci.nodes import mapping, text, without
from understudy.findings import Finding, Position
from understudy.model.results import Facts
from understudy.text.yaml import Mapping, Node, Scalar, Sequence, dump


def process(path: str, files: ReadFile, facts: Facts) -> tuple[str, tuple[Finding, ...]]:
    """The file at `path` as YAML, compiled for the trigger of `facts`, and what was noticed on the way.

    Jobs stand under their final names without parameters, commands and executors; workflows that do not run are left
    out. The text is empty where there is nothing to process.
    """
    compiled = compile_file(files(path) or b"", path, files, facts)
    if not isinstance(compiled.root, Mapping):
        return "", compiled.findings
    return dump(processed(compiled)), compiled.findings


def processed(compiled: Compiled) -> Mapping:
    """The compiled file as one document."""
    at = Position()
    chosen = [one for one in compiled.workflows if evaluate_logic(compiled.statements.get(one.name.value, True))]
    jobs: dict[str, Node] = {}
    for workflow in chosen:
        for job in workflow.jobs:
            if job.body is not None:
                jobs[job.name] = job.body.node
    listed: list[tuple[str, Node]] = [("version", Scalar("2", at))]
    listed += [(one.name.value, _workflow(one)) for one in chosen]
    version = Scalar("2.1" if compiled.modern else "2", at)
    return mapping((("version", version), ("jobs", mapping(jobs.items(), at)), ("workflows", mapping(listed, at))), at)


def _workflow(one: CompiledWorkflow) -> Mapping:
    kept = without(one.node, "when", "unless", "jobs")
    jobs = Sequence(tuple(_entry(job) for job in one.jobs), one.node.at)
    return Mapping((*kept.pairs, (Scalar("jobs", one.node.at), jobs)), one.node.at)


def _entry(job: CompiledJob) -> Node:
    """An entry of a compiled workflow's `jobs`: the final name, and what the workflow itself goes by."""
    one = job.invocation
    pairs: list[tuple[str, Node]] = [
        (key.value, value) for key, value in one.node.pairs if key.value in {"context", "filters", "serial-group"}
    ]
    if one.kind == "approval":
        pairs.append(("type", Scalar("approval", one.at)))
    required = tuple(_requirements(job))
    if required:
        pairs.append(("requires", Sequence(required, one.at)))
    name = text(job.name, one.at)
    return mapping(((job.name, mapping(pairs, one.at)),), one.at) if pairs else name


def _requirements(job: CompiledJob) -> Iterator[Node]:
    statuses = {key.value: value for key, value in job.invocation.requires() if value is not None}
    for need in job.needs:
        asked = statuses.get(need.job)
        yield mapping(((need.job, asked),), need.at) if asked is not None else text(need.job, need.at)
