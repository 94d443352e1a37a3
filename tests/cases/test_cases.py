"""Cases by service, each a repository's files and what the service would do with them; one loop performs them all.

A case is a folder with the files of a repository and `expect.yml`, written by hand from the pages it names in `from`:

    from: https://...          the documentation that the expectations come from (one page or a list)
    environment: {NAME: VALUE} what the program's own environment holds besides
    stand-in: true             it is about what stands in for an image, and a container engine has the image itself
    expect:                    calls of the program, made in this order on one store
      - plan: FLAGS            `understudy plan FLAGS`
        exit: 0                its exit code, 0 unless said
        workflows:             what starts: each node with the nodes that it waits for; nothing else starts
          NAME: {NODE: [NODE]}
        cells: {NODE: {AXIS: VALUE}}
        skipped: {NODE: WORDS} nodes that can't be performed here, with words of the reason in small letters
        reasons: {WORKFLOW/JOB: WORDS} why a job, or a WORKFLOW, starts or not
        findings: [CODE:LINE]  all of them, in order of place; `CODE` alone where it is about no line
        refused: [WORDS]       there is no plan at all, and these words say why
      - run: FLAGS             `understudy run FLAGS`
        really: true           not on the fake runtime; false: on no other
        exit: 0
        jobs: {NODE: OUTCOME}  all of them
        reasons: {NODE: WORDS} why it ended so, in small letters
        steps: {NODE: [OUTCOME NAME]}
        says: {NODE: {STEP: LINES}}       these lines are in the step's log, in this order
        never: {NODE: {STEP: WORDS}}      these words are not
        artifacts: {NODE/PATH: CONTENT}   all of them; of an archive the files in it, below its name
        tests: {NODE: [PASSED, FAILED, SKIPPED]}
        caches: [[ACTION, KEY]]           what was restored and saved, in order; ~REGEX; null where nothing was
        together: {STEP: LINES}           what this step printed in all nodes that have it, sorted
        groups: {STEP: [[LINE]]}          what it printed in each of them, in any order
        outputs: {NODE: {STEP: {NAME: VALUE}}}   all outputs of these steps
        annotated: {NODE: [LEVEL PLACE TITLE MESSAGE]}   all annotations: as far as they have them, in order
        summaries: {NODE: TEXT}           what its steps wrote for people, together
        noticed: [CODE]        findings of the run, among others
        refused: [WORDS]       nothing is started, and these words say why
        apart: [NODE]          no two of these go on at the same time, and they start in this order

Any call may say `files: {PATH: CONTENT}` (committed before it), `left: {PATH: CONTENT}` (not committed) and
`switch: BRANCH` (made where it isn't there).
In container engines cases are performed where UNDERSTUDY_CASES_IMAGE names an image that stands in for theirs, one with
bash, git and Python (`UNDERSTUDY_CASES_IMAGE=... pytest -m docker tests/cases`); elsewhere they are no tests at all.
The fake runtime performs nothing: what its steps print, hand over or find in caches is not asked of it.
"""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from understudy.cli.main import main
from understudy.runtimes.known import RUNTIMES

ROOT = Path(__file__).parent
PAGES = {
    "circleci": ("https://circleci.com/",),
    "github": ("https://docs.github.com/", "https://github.com/actions/"),
    "bitbucket": ("https://support.atlassian.com/bitbucket-cloud/", "https://www.atlassian.com/blog/bitbucket/"),
    "travis": ("https://docs.travis-ci.com/user/",),
}
CASES = sorted(path.parent for path in ROOT.glob("*/*/expect.yml"))
ENGINES = ("docker", "podman")
IMAGE = os.environ.get("UNDERSTUDY_CASES_IMAGE", "")
ORIGIN = "https://github.com/acme/rocket.git"
ENVIRONMENT = {
    "UNDERSTUDY_OFFLINE": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


@dataclass(frozen=True)
class Stage:
    """Where a case is performed: `repository` holds its files, `store` what its calls keep."""

    repository: Path
    store: Path
    runtime: str

    def call(self, *arguments: str) -> tuple[int, str, str]:
        out, error = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(error):
            code = main([arguments[0], "-C", str(self.repository), "--store", str(self.store), *arguments[1:]])
        return code, out.getvalue(), error.getvalue()

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.repository, check=True, capture_output=True)


@cache
def document(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((case / "expect.yml").read_text(encoding="utf-8"))
    return found


def expected(case: Path) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = document(case)["expect"]
    return calls


def concerns(call: Mapping[str, Any], runtime: str) -> bool:
    """Whether `call` is made on `runtime`; a plan, which runs nothing, is asked for once."""
    return not call.get("really", False) if runtime == "fake" else "run" in call and call.get("really", True)


def parameters() -> Iterator[Any]:
    for case in CASES:
        calls = expected(case)
        for runtime in RUNTIMES:
            if runtime in ENGINES and (not IMAGE or document(case).get("stand-in")):
                continue
            if runtime != "fake" and not any("run" in call for call in calls):
                continue
            mark = "docker" if runtime in ENGINES else runtime
            marks = [getattr(pytest.mark, mark)] if mark in {"sandbox", "docker"} else []
            yield pytest.param(case, runtime, id=f"{case.parent.name}-{case.name}-{runtime}", marks=marks)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNDERSTUDY_STORE", "CI", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("case", "runtime"), list(parameters()))
@pytest.mark.usefixtures("clean")
def test_a_case_goes_as_the_service_says(
    case: Path, runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"UNDERSTUDY_RUNTIME": runtime, **document(case).get("environment", {})}.items():
        monkeypatch.setenv(name, value)
    if reason := RUNTIMES[runtime]().missing():
        pytest.skip(f"no {runtime}: {reason}")
    stage = Stage(tmp_path / "rocket", tmp_path / "store", runtime)
    shutil.copytree(case, stage.repository, ignore=shutil.ignore_patterns("expect.yml"), symlinks=True)
    if runtime in ENGINES:
        with (stage.repository / "understudy.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'\n[images]\n"*" = "{IMAGE}"\n')
    stage.git("init", "-q", "-b", "main")
    stage.git("remote", "add", "origin", ORIGIN)
    commit(stage)
    for call in expected(case):
        prepare(stage, call)
        if concerns(call, runtime):
            check_plan(stage, call) if "plan" in call else check_run(stage, call)


def prepare(stage: Stage, call: Mapping[str, Any]) -> None:
    if "switch" in call:
        stage.git("switch", "-q", "-C", call["switch"])
    for name, content in {**call.get("files", {}), **call.get("left", {})}.items():
        path = stage.repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if "files" in call:
        commit(stage)


def commit(stage: Stage) -> None:
    stage.git("add", "-A")
    stage.git("commit", "-q", "-m", "A change")


def check_plan(stage: Stage, call: Mapping[str, Any]) -> None:
    code, out, error = stage.call("plan", "--json", *shlex.split(call["plan"] or ""))
    assert code == call.get("exit", 0), error
    if "refused" in call:
        check_refusal(call, out + error)
        return
    plan = json.loads(out)
    workflows = {
        one["name"]: {node["id"]: sorted(node["needs"]) for node in one["jobs"]}
        for one in plan["workflows"]
        if one["jobs"]
    }
    assert [place(one) for one in plan["findings"]] == call.get("findings", []), plan["findings"]
    if call.get("exit"):
        return
    assert workflows == {
        name: {node: sorted(after or []) for node, after in nodes.items()}
        for name, nodes in call.get("workflows", {}).items()
    }
    nodes = {node["id"]: node for one in plan["workflows"] for node in one["jobs"]}
    for name, cell in call.get("cells", {}).items():
        assert nodes[name]["cell"] == cell
    unmet = {name: node["unmet"] or "" for name, node in nodes.items()}
    told = call.get("skipped", {})
    assert {name for name, why in unmet.items() if why} == set(told)
    assert all(words in unmet[name].lower() for name, words in told.items()), unmet
    check_reasons(plan, call.get("reasons", {}))


def check_reasons(plan: Mapping[str, Any], told: Mapping[str, str]) -> None:
    found = {one["name"]: one["reason"] for one in plan["workflows"]}
    found |= {f"{one['name']}/{it['job']}": it["reason"] for one in plan["workflows"] for it in one["choices"]}
    for name, words in told.items():
        assert words in found[name], found


def place(finding: Mapping[str, Any]) -> str:
    return f"{finding['code']}:{finding['line']}" if finding["line"] else finding["code"]


def check_run(stage: Stage, call: Mapping[str, Any]) -> None:
    flags = shlex.split(call["run"] or "")
    code, out, error = stage.call("run", "--json", *flags)
    events = [json.loads(line) for line in out.splitlines()]
    results = [one for one in events if one["class"] in {"StepFinished", "JobFinished"}]
    told = "\n".join(
        [
            error,
            *(
                f"{one['job']}, {one.get('name', '')}: {one['result']['outcome']} {one['result']['reason']}"
                for one in results
            ),
        ]
    )
    assert code == call.get("exit", 0), told
    if "refused" in call:
        assert not events
        check_refusal(call, error)
        return
    ended = {one["job"]: one["result"] for one in events if one["class"] == "JobFinished"}
    assert {name: one["outcome"] for name, one in ended.items()} == call.get("jobs", {}), told
    for name, words in call.get("reasons", {}).items():
        assert words in ended[name]["reason"].lower(), ended[name]
    steps = finished(events)
    for name, lines in call.get("steps", {}).items():
        assert [f"{one['result']['outcome']} {one['name']}" for one in steps[name]] == lines, told
    check_apart(call, events)
    noticed = {one["finding"]["code"] for one in events if one["class"] == "Noticed"}
    if stage.runtime != "fake":
        assert set(call.get("noticed", ())) <= noticed
        check_hand_over(stage, call, events)
        check_caches(call, events)
        check_remarks(call, events)
        check_logs(stage, call, events)


def check_refusal(call: Mapping[str, Any], told: str) -> None:
    for words in call["refused"]:
        assert words in told


def check_apart(call: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    wanted = call.get("apart", [])
    found = [one for one in events if one["class"] in {"JobStarted", "JobFinished"} and one["job"] in wanted]
    assert [one["job"] for one in found] == [name for name in wanted for _ in ("start", "end")]


def finished(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in events:
        if one["class"] == "StepFinished":
            found.setdefault(one["job"], []).append(one)
    return {name: sorted(steps, key=lambda one: int(one["step"])) for name, steps in found.items()}


def check_hand_over(stage: Stage, call: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    runs = [one["run"] for one in events if one["class"] == "RunStarted"]
    found: dict[str, str] = {}
    for run in runs:
        folder = stage.store.parent / "artifacts" / run
        code, _, error = stage.call("artifacts", run, "-o", str(folder))
        assert code == 0, error
        for path in (one for one in folder.rglob("*") if one.is_file()):
            found |= content(path, str(path.relative_to(folder)))
    assert found == call.get("artifacts", {})
    tests = {
        one["job"]: [one["passed"], one["failed"], one["skipped"]] for one in events if one["class"] == "TestsReported"
    }
    assert tests == call.get("tests", {})


def content(path: Path, name: str) -> dict[str, str]:
    """The text of the file at `path` by its `name`; of an archive those of the files in it, below its name."""
    if path.suffix != ".tar":
        return {name: path.read_text()}
    with tarfile.open(path) as tar:
        files = {one.name: tar.extractfile(one) for one in tar if one.isfile()}
        return {f"{name}/{inner}": stream.read().decode() for inner, stream in files.items() if stream is not None}


def check_logs(stage: Stage, call: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    for node, wanted in call.get("says", {}).items():
        for step, text in wanted.items():
            found = log(stage, events, node, step).splitlines()
            assert in_order(str(text).splitlines(), found), f"{node}, {step}: {found}"
    for node, unwanted in call.get("never", {}).items():
        for step, text in unwanted.items():
            for words in [text] if isinstance(text, str) else text:
                assert words not in log(stage, events, node, step)
    for step, text in call.get("together", {}).items():
        assert sorted(line for part in groups(stage, events, step) for line in part) == sorted(text.splitlines())
    for step, parts in call.get("groups", {}).items():
        assert sorted(groups(stage, events, step)) == sorted(parts)


def check_remarks(call: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    """What steps gave besides their logs: outputs, annotations, summaries."""
    steps = finished(events)
    for node, wanted in call.get("outputs", {}).items():
        given = {one["name"]: one["result"]["outputs"] for one in steps[node]}
        assert {name: given[name] for name in wanted} == wanted
    for node, lines in call.get("annotated", {}).items():
        assert [remark(one) for one in events if one["class"] == "Annotated" and one["job"] == node] == lines
    for node, text in call.get("summaries", {}).items():
        assert "".join(one["text"] for one in events if one["class"] == "Summarized" and one["job"] == node) == text


def remark(annotation: Mapping[str, Any]) -> str:
    place = ":".join(str(annotation[part]) for part in ("file", "line", "column") if annotation[part])
    parts = (annotation["level"], place, annotation["title"], annotation["message"])
    return " ".join(part for part in parts if part)


def groups(stage: Stage, events: list[dict[str, Any]], step: str) -> list[list[str]]:
    """The lines that the step of that name printed, sorted, in each node that has it."""
    nodes = [name for name, steps in finished(events).items() if any(one["name"] == step for one in steps)]
    return [sorted(log(stage, events, node, step).splitlines()) for node in nodes]


def check_caches(call: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    if "caches" not in call:
        return
    found = [(one["action"], one["found"]) for one in events if one["class"] == "CacheUsed"]
    assert [action for action, _ in found] == [action for action, _ in call["caches"]], found
    for (_, key), (_, wanted) in zip(found, call["caches"], strict=True):
        if wanted is not None and wanted.startswith("~"):
            assert re.fullmatch(wanted[1:], key), found
        else:
            assert key == wanted, found


def log(stage: Stage, events: list[dict[str, Any]], node: str, step: str) -> str:
    """What the step of that name printed, in the run that has the node."""
    run = ""
    for one in events:
        run = one.get("run", run)
        if one["class"] == "StepFinished" and one["job"] == node and one["name"] == step:
            code, out, error = stage.call("logs", run, node, "--step", str(one["step"] + 1))
            assert code == 0, error
            return out
    raise AssertionError(f"`{node}` has no step `{step}`")


def in_order(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(line in rest for line in wanted)


def test_every_case_names_the_page_that_it_comes_from() -> None:
    counted = Counter(case.parent.name for case in CASES)
    assert counted["circleci"] > 40
    assert counted["github"] > 25
    for case in CASES:
        pages = document(case)["from"]
        for page in [pages] if isinstance(pages, str) else pages:
            assert page.startswith(PAGES[case.parent.name]), case
