"""Answers questions about a dialect line by line, so that anyone can measure a build: JSON in, JSON out."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from understudy.dialects.base import Dialect, ReadFile
from understudy.dialects.circleci.process import process
from understudy.dialects.github.conform import command_file, filtered
from understudy.dialects.github.expression.conform import answer as answer_expression
from understudy.dialects.known import DIALECTS
from understudy.errors import ExitCode, InputError, UnderstudyError
from understudy.findings import Finding, in_order
from understudy.model.results import EventKind, Facts
from understudy.plan.planner import plan

Question = Mapping[str, Any]
Answer = dict[str, Any]


def serve(endpoint: str, lines: Iterable[str], write: Callable[[str], None]) -> int:
    """One answer for each line of `lines`, in order and at once, each given to `write` as a line with its end.

    A question that can't be answered, whatever the reason, is answered by `{"unsupported": "why"}`. Returns the exit
    code: 2 for an endpoint that nobody knows, all the same after an answer for each line.
    """
    for line in lines:
        write(json.dumps(_answer(endpoint, line), ensure_ascii=True) + "\n")
    return int(ExitCode.PASSED if endpoint in (*ENDPOINTS, *_ELSEWHERE) else ExitCode.INPUT)


def _answer(endpoint: str, line: str) -> Answer:
    try:
        question = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"unsupported": f"the question is no JSON: {error}"}
    if not isinstance(question, dict):
        return {"unsupported": "a question is a JSON object"}
    try:
        return _endpoint(endpoint)(question)
    except UnderstudyError as error:
        return {"unsupported": error.message}
    except Exception as error:  # noqa: BLE001 - a crash in one case must not take the answers of the others with it
        return {"unsupported": f"internal error: {type(error).__name__}: {error}"}


def _endpoint(name: str) -> Callable[[Question], Answer]:
    known = ENDPOINTS.get(name)
    if known is None:
        raise InputError(f"this build has no endpoint `{name}`")
    return known


def _lint(question: Question) -> Answer:
    """{dialect, text, files?} -> {findings}. Without `files` nothing is said of other files that the text needs."""
    dialect, path = _dialect(question)
    reading = dialect.read(path, _files(question, path), _facts(question, dialect))
    return {"findings": _findings(_about(question, reading.findings))}


def _about(question: Question, findings: Iterable[Finding]) -> Iterable[Finding]:
    """`findings`, without those about other files where the question came without any."""
    alone = not _map(question, "files")
    return (one for one in findings if not (alone and one.code in _OF_OTHER_FILES))


_OF_OTHER_FILES = frozenset({"unknown-workflow", "unknown-local-action", "unknown-import"})
"""Codes of findings about files of the repository that are missing."""


def _expand(question: Question) -> Answer:
    """{dialect, text, params} -> {text, findings}: CircleCI's processed form."""
    dialect, path = _dialect(question)
    if dialect.NAME != "circleci":
        raise InputError(f"`{dialect.NAME}` has no processed form")
    parameters = {name: _word(value) for name, value in _map(question, "params").items()}
    facts = replace(_facts(question, dialect), parameters=parameters)
    text, findings = process(path, _files(question, path), facts)
    return {"text": text, "findings": _findings(findings)}


def _plan(question: Question) -> Answer:
    """{dialect, text, event} -> {jobs: [{id, name, cell, needs, env}], findings}."""
    dialect, path = _dialect(question)
    facts = _facts(question, dialect)
    reading = dialect.read(path, _files(question, path), facts)
    plans = plan(reading.pipelines, facts, dialect)
    jobs = [
        {
            "id": node.id,
            "name": node.job.name.raw,
            "workflow": one.pipeline.name,
            "cell": dict(node.job.cell),
            "needs": sorted(node.after),
            "env": {name: text.raw for name, text in node.job.env.items()},
        }
        for one in plans
        for node in one.nodes
    ]
    noticed = (*reading.findings, *(finding for one in plans for finding in one.findings))
    return {"jobs": jobs, "findings": _findings(_about(question, noticed))}


def _travis(name: str) -> Callable[[Question], Answer]:
    """The function `name` of Travis's own, loaded when it is first asked."""

    def answer(question: Question) -> Answer:
        from understudy.dialects.travis import conform  # noqa: PLC0415 - its tables are of no use to other dialects

        found: Callable[[Question], Answer] = getattr(conform, name)
        return found(question)

    return answer


def _only(dialect: str, answer: Callable[[Question], Answer]) -> Callable[[Question], Answer]:
    """`answer`, for questions about `dialect` and no other."""

    def asked(question: Question) -> Answer:
        if question.get("dialect", dialect) != dialect:
            raise InputError(f"`{question['dialect']}` has no such form")
        return answer(question)

    return asked


def _normalise(question: Question) -> Answer:
    """{dialect, text} -> {config, messages}, for the dialects that have a normal form; Travis where none is named."""
    if question.get("dialect") == "bitbucket":
        from understudy.dialects.bitbucket.conform import normalised  # noqa: PLC0415 - loaded when it is asked

        return normalised(question)
    return _only("travis", _travis("normalised"))(question)


ENDPOINTS: dict[str, Callable[[Question], Answer]] = {
    "lint": _lint,
    "expand": _expand,
    "plan": _plan,
    "expr-github": answer_expression,
    "filter": filtered,
    "commandfile": command_file,
    "expr-travis": _travis("condition"),
    "matrix": _only("travis", _travis("rows")),
    "normalise": _normalise,
}
_ELSEWHERE = ("expr-gitlab", "convert")
"""Endpoints that belong to dialects this build does not have."""


def _dialect(question: Question) -> tuple[Dialect, str]:
    """The dialect that is asked about, and the path its file would have."""
    name = question.get("dialect")
    dialect = DIALECTS.get(name) if isinstance(name, str) else None
    if dialect is None:
        raise InputError(f"this build does not read the dialect `{name}`")
    return dialect, dialect.FILES[0].replace("*", "asked")


def _files(question: Question, path: str) -> ReadFile:
    """The files of the repository: the text that is asked about at `path`, and those that came along."""
    text = question.get("text")
    if not isinstance(text, str):
        raise InputError("the question has no `text`")
    given = {name: content for name, content in _map(question, "files").items() if isinstance(content, str)}
    files = {_address(name): content for name, content in given.items()} | given | {path: text}
    return lambda wanted: files[wanted].encode("utf-8", "surrogatepass") if wanted in files else None


def _address(name: str) -> str:
    """`owner/repo/path@ref`, a file of another repository, as `github://owner/repo@ref/path`; others as they are."""
    found = _ELSEWHERE_FILE.fullmatch(name)
    return f"github://{found['repository']}@{found['ref']}/{found['path']}" if found else name


_ELSEWHERE_FILE = re.compile(r"(?P<repository>[^/@:]+/[^/@]+)/(?P<path>[^@]+)@(?P<ref>.+)")
_WORDS = {"tag-push": EventKind.TAG, "pull_request": EventKind.PULL_REQUEST, "scheduled": EventKind.SCHEDULE}


def _facts(question: Question, dialect: Dialect) -> Facts:
    """The event of the question: a push to the default branch where it says nothing else.

    It may be called by the words of the dialect's service (`workflow_dispatch`), with `action`, `inputs`, `payload` and
    `base` where these are known there.
    """
    given = question.get("event")
    event: Mapping[str, Any] = given if isinstance(given, Mapping) else {"type": given} if given else {}
    tag = _text(event, "tag")
    word = str(event.get("type") or event.get("event") or ("tag" if tag else "push"))
    kind = _WORDS.get(word) or next((one for one in EventKind if one.value == word), None)
    named = word in dialect.TRAITS.events
    if kind is None and not named:
        raise InputError(f"there is no event `{word}`")
    changed = event.get("files")
    default = _text(event, "default_branch") or "main"
    payload = event.get("payload")
    return Facts(
        root="/",
        event=kind or EventKind.API,
        branch=_text(event, "branch") or (None if kind is EventKind.TAG else default),
        tag=tag,
        default_branch=default,
        changed_files=tuple(str(one) for one in changed) if isinstance(changed, list) else None,
        parameters={name: _word(value) for name, value in _map(event, "parameters").items()},
        schedule=_text(event, "schedule"),
        event_name=word if named else "",
        event_type=_text(event, "action") or "",
        inputs={name: _word(value) for name, value in _map(event, "inputs").items()},
        payload=json.dumps(payload) if isinstance(payload, Mapping) else "",
        base_branch=_text(event, "base"),
    )


def _map(question: Question, key: str) -> Mapping[str, Any]:
    value = question.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(event: Mapping[str, Any], key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) else None


def _word(value: object) -> str:
    """A parameter as a person would type it."""
    return value if isinstance(value, str) else json.dumps(value)


def _findings(findings: Iterable[Finding]) -> list[Answer]:
    return [
        {
            "line": one.at.line,
            "col": one.at.column,
            "code": one.code,
            "severity": one.severity.value,
            "message": one.message,
            "tolerated": one.tolerated,
        }
        for one in in_order(findings)
    ]
