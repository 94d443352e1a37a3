"""Which variables of a script are taken for secrets that nobody gave."""

from pathlib import Path
from textwrap import indent

import pytest

from understudy.checks.secrets import looks_secret, missing_secrets
from understudy.dialects.base import Place
from understudy.dialects.known import DIALECTS
from understudy.findings import Severity
from understudy.model.pipeline import Job
from understudy.model.results import Facts
from understudy.plan.planner import Selection, plan

FACTS = Facts(root="/", branch="main", changed_files=())
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "circleci"
CIRCLECI = DIALECTS["circleci"]

HEAD = "version: 2.1\njobs:\n  build:\n    docker: [{image: a}]\n    environment: {SET_TOKEN: x}\n    steps:\n"
TAIL = "workflows: {w: {jobs: [build]}}\n"


def predefined(job: Job) -> frozenset[str]:
    return frozenset(CIRCLECI.predefined(FACTS, job, Place("1", job.id, 1)))


def named_in(*scripts: str) -> list[str]:
    steps = "".join("      - run: |\n" + indent(one, " " * 10) + "\n" for one in scripts)
    return found_in(HEAD + steps + TAIL)


def found_in(text: str) -> list[str]:
    reading = CIRCLECI.read("c.yml", {"c.yml": text.encode()}.get, FACTS)
    assert not [one for one in reading.findings if one.severity is Severity.ERROR]
    plans = [one for each in reading.pipelines for one in plan([each], FACTS, CIRCLECI, Selection(each.name))]
    found = [one for each in plans for one in missing_secrets(each, predefined)]
    assert all(one.severity is Severity.WARNING and one.at.line > 0 and one.hint for one in found)
    return [one.message.split("`")[1] for one in found]


@pytest.mark.parametrize(
    "name",
    ["NPM_TOKEN", "TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "API_KEY", "GPG_KEY_BASE64",
     "GCLOUD_CREDENTIALS", "DOCKERHUB_PASS", "GPG_PASSPHRASE", "CODECOV_TOKEN", "secret_key", "OPENAI_APIKEY"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    ["CACHE_KEY", "KEY", "PWD", "OLDPWD", "PATH", "HOME", "MAX_TOKENS", "NUM_TOKENS", "SSH_KEY_PATH", "KEYWORD",
     "PUBLIC_KEY", "TOKENIZERS_PARALLELISM", "PASSED", "TOKEN_FILE", "CIRCLE_BRANCH", "MONKEY", "SECRET_NAME", "PASS",
     "BYPASS"],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    "script",
    ["echo $MY_TOKEN", 'curl -H "auth: ${MY_TOKEN}"', "echo ${MY_TOKEN%x}", "echo ${MY_TOKEN:?none}", "x=$MY_TOKEN y"],
)
def test_what_is_read_and_never_set_is_named(script: str) -> None:
    assert named_in(script) == ["MY_TOKEN"]


@pytest.mark.parametrize(
    "script",
    [
        "MY_TOKEN=$(make-one); echo $MY_TOKEN",
        "export MY_TOKEN=x\necho $MY_TOKEN",
        "read -r MY_TOKEN <file; echo $MY_TOKEN",
        "for MY_TOKEN in a b; do echo $MY_TOKEN; done",
        "printf -v MY_TOKEN %s x; echo $MY_TOKEN",
        "echo ${MY_TOKEN:-none} ${MY_TOKEN-} ${MY_TOKEN:+set} ${MY_TOKEN:=x}",
        r"echo \$MY_TOKEN",
        "# needs $MY_TOKEN",
        "echo $SET_TOKEN",
        "make x=$$MY_TOKEN",
    ],
)
def test_what_is_set_or_may_be_missing_is_not(script: str) -> None:
    assert named_in(script) == []


def test_a_step_may_set_what_a_later_one_reads() -> None:
    assert named_in("echo 'export MY_TOKEN=x' >> $BASH_ENV", "echo $MY_TOKEN $CIRCLE_WORKFLOW_ID") == []


def test_each_is_named_once() -> None:
    assert named_in("echo $A_TOKEN $A_TOKEN", "echo $B_SECRET $A_TOKEN") == ["A_TOKEN", "B_SECRET"]


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_real_files_read_nothing_else_that_would_be_taken_for_a_secret() -> None:
    """Each of these names was looked up in its file: a secret of the project, and set nowhere."""
    names: set[str] = set()
    for path in sorted(CORPUS.glob("*.yml")):
        reading = CIRCLECI.read("c.yml", {"c.yml": path.read_bytes()}.get, FACTS)
        for one in reading.pipelines:
            for each in plan([one], FACTS, CIRCLECI, Selection(one.name)):
                names |= {found.message.split("`")[1] for found in missing_secrets(each, predefined)}
    assert names == {
        "AWS_SECRET_ACCESS_KEY_FOR_ECR_READ_WRITE", "AWS_SECRET_ACCESS_KEY_FOR_SCCACHE_S3_BUCKET", "CODECOV_TOKEN",
        "DOCKER_HUB_TOKEN", "DOCKER_PASSWORD", "DOCKER_PAT", "GITHUB_TOKEN", "S3_ACCESS_KEY", "S3_SECRET_KEY",
    }  # fmt: skip
