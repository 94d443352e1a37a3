"""What a Bitbucket file says, as the pages of its reference have it."""

from collections.abc import Mapping

import pytest

from understudy.dialects.base import Reading
from understudy.dialects.bitbucket import BITBUCKET
from understudy.findings import Severity
from understudy.model.pipeline import Approve, Checkout, Job, Pipeline, Platform, Script
from understudy.model.results import Facts, Outcome

FILE = "bitbucket-pipelines.yml"
MAIN = Facts(root="/r", branch="main")
NONE: Mapping[str, str] = {}


def read(text: str, facts: Facts = MAIN, files: Mapping[str, str] = NONE) -> Reading:
    data = {name: content.encode() for name, content in {FILE: text, **files}.items()}
    return BITBUCKET.read(FILE, data.get, facts)


def pipeline(text: str, facts: Facts = MAIN) -> Pipeline:
    reading = read(text, facts)
    assert [one for one in reading.findings if one.severity is Severity.ERROR] == []
    (one,) = reading.pipelines
    return one


def jobs(steps: str, rest: str = "") -> dict[str, Job]:
    """The jobs of a default pipeline with these steps, by id."""
    indented = "".join(f"    {line}\n" for line in steps.strip("\n").splitlines())
    return {job.id: job for job in pipeline(f"{rest}\npipelines:\n  default:\n{indented}").jobs}


def edges(found: dict[str, Job]) -> dict[str, list[str]]:
    return {name: [need.job for need in job.needs] for name, job in found.items()}


def job(keys: str, rest: str = "") -> Job:
    """The job of one step with these keys and a script."""
    lines = "".join(f"    {line}\n" for line in keys.strip("\n").splitlines())
    (one,) = jobs(f"- step:\n{lines}    script: [make]", rest).values()
    return one


def test_every_entry_of_a_section_is_a_pipeline() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/
    step = "[{step: {script: [make]}}]"
    text = f"""
pipelines:
  default: {step}
  branches: {{main: {step}, 'feature/*': {step}}}
  tags: {{'v*': {step}}}
  bookmarks: {{old: {step}}}
  pull-requests: {{'**': {step}, 'fix/*': {{destinations: {{main: {step}, 'release/*': {step}}}}}}}
  custom: {{deploy: {step}}}
"""
    assert [one.name for one in read(text).pipelines] == [
        "default",
        "branches.main",
        "branches.feature/*",
        "tags.v*",
        "bookmarks.old",
        "pull-requests.**",
        "pull-requests.fix/*.main",
        "pull-requests.fix/*.release/*",
        "custom.deploy",
    ]


def test_steps_run_in_their_order_and_a_parallel_group_side_by_side() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/parallel-step-options/
    found = jobs("""
- step: {name: Build, script: [make]}
- parallel:
    steps:
      - step: {name: A, script: [make a]}
      - step: {name: B, script: [make b]}
- step: {name: Deploy, script: [make deploy]}
""")
    assert edges(found) == {"Build": [], "A": ["Build"], "B": ["Build"], "Deploy": ["A", "B"]}
    places = {name: one.siblings and (one.siblings.index, one.siblings.count) for name, one in found.items()}
    assert places == {"Build": None, "A": (0, 2), "B": (1, 2), "Deploy": None}


@pytest.mark.parametrize(
    ("group", "own", "ends_others"),
    [("true", None, True), ("true", "false", False), ("false", None, False), ("false", "true", True)],
)
def test_whether_a_failure_ends_the_group(group: str, own: str | None, *, ends_others: bool) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/parallel-step-options/#Fail-fast
    said = f"fail-fast: {own}, " if own else ""
    found = jobs(f"""
- parallel:
    fail-fast: {group}
    steps:
      - step: {{name: A, {said}script: [make a]}}
      - step: {{name: B, script: [make b]}}
""")
    assert found["A"].siblings is not None
    assert found["A"].siblings.fail_fast is ends_others


def test_a_skipped_step_keeps_nothing_back_and_a_failed_one_does() -> None:
    found = jobs("- step: {name: A, script: [a]}\n- step: {name: B, script: [b]}")
    assert found["B"].needs[0].outcomes == {Outcome.PASSED, Outcome.SKIPPED}
    assert found["B"].when.after == {Outcome.PASSED, Outcome.SKIPPED}


def test_steps_without_a_name_are_numbered_and_names_are_made_one_of_a_kind() -> None:
    step = "- step: {script: [make]}"
    named = "- step: {name: Test  it, script: [make]}"
    assert list(jobs(f"{step}\n{named}\n{named}\n{step}")) == ["Step 1", "Test it", "Test it (2)", "Step 4"]


def test_a_stage_is_steps_in_a_row_with_one_deployment_and_condition() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/stage-options/
    found = jobs("""
- step: {name: Build, script: [make]}
- stage:
    name: Ship
    deployment: staging
    condition: {changesets: {includePaths: [src/**]}}
    steps:
      - step: {name: Deploy, script: [make deploy]}
      - step: {name: Check, script: [make check]}
""")
    assert edges(found) == {"Build": [], "Deploy": ["Build"], "Check": ["Deploy"]}
    for name in ("Deploy", "Check"):
        one = found[name]
        assert one.deployment is not None
        assert one.deployment.raw == "staging"
        assert one.when.paths is not None
        assert [text.raw for text in one.when.paths.only or ()] == ["src/**"]
        assert "Ship" in one.names


def test_what_is_manual_waits_for_somebody() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Trigger
    found = jobs("""
- step: {name: Build, script: [make]}
- step: {name: Deploy, trigger: manual, script: [make deploy]}
- stage:
    name: Live
    trigger: manual
    steps:
      - step: {name: Ship, script: [make ship]}
      - step: {name: Tell, script: [make tell]}
""")
    assert edges(found) == {
        "Build": [],
        "start Deploy": ["Build"],
        "Deploy": ["start Deploy"],
        "start Live": ["Deploy"],
        "Ship": ["start Live"],
        "Tell": ["Ship"],
    }
    assert [isinstance(step.action, Approve) for step in found["start Deploy"].steps] == [True]
    assert [isinstance(step.action, Approve) for step in found["start Live"].steps] == [True]


@pytest.mark.parametrize(
    ("keys", "rest", "image", "user"),
    [
        ("", "", "atlassian/default-image:latest", None),
        ("", "image: python:3.11", "python:3.11", None),
        ("image: node:20", "image: python:3.11", "node:20", None),
        ("image: {name: node:20, run-as-user: 1000}", "", "node:20", "1000"),
    ],
)
def test_the_image_of_a_step(keys: str, rest: str, image: str, user: str | None) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/
    found = job(keys, rest).container
    assert found is not None
    assert found.image.raw == image
    assert (found.user.raw if found.user else None) == user


def test_what_an_image_is_pulled_with() -> None:
    basic = job("image: {name: a, username: $U, password: $P}").container
    amazon = job("image: {name: a, aws: {access-key: $K, secret-key: $S}}").container
    role = job("image: {name: a, aws: {oidc-role: arn}}").container
    assert basic is not None
    assert amazon is not None
    assert role is not None
    assert {name: text.raw for name, text in basic.credentials.items()} == {"username": "$U", "password": "$P"}
    assert [text.raw for text in amazon.credentials.values()] == ["$K", "$S"]
    assert [text.raw for text in role.credentials.values()] == ["arn"]


SERVICES = """
definitions:
  services:
    db: {image: postgres:16, variables: {POSTGRES_DB: app, PORT: 5432}, memory: 512}
    cache: {image: redis:7}
    engine: {type: docker, memory: 2048}
"""


def test_services_and_what_they_leave_of_the_memory() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/databases-and-service-containers/#Service-memory-limits
    found = job("services: [db, cache]", SERVICES)
    assert [(one.alias, one.image.raw, one.memory_mib) for one in found.services] == [
        ("db", "postgres:16", 512),
        ("cache", "redis:7", 1024),
    ]
    assert {name: text.raw for name, text in found.services[0].env.items()} == {"POSTGRES_DB": "app", "PORT": "5432"}
    assert found.resources.memory_mib == 4096 - 512 - 1024
    assert job("size: 2x\nservices: [db]", SERVICES).resources.memory_mib == 8192 - 512
    assert job("services: [engine]", SERVICES).resources.memory_mib == 4096 - 2048


@pytest.mark.parametrize(
    ("keys", "rest", "engine"),
    [
        ("", "", False),
        ("services: [docker]", "", True),
        ("services: [engine]", SERVICES, True),
        ("services: [db]", SERVICES, False),
        ("", "options: {docker: true}", True),
    ],
)
def test_an_engine_is_no_service_beside_the_step(keys: str, rest: str, *, engine: bool) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/run-docker-commands-in-bitbucket-pipelines/
    found = job(keys, rest)
    assert [step.id for step in found.steps].count("docker") == engine
    assert "docker" not in {one.alias for one in found.services}


@pytest.mark.parametrize(
    ("keys", "rest", "depth"),
    [
        ("", "", 50),
        ("clone: {depth: 3}", "", 3),
        ("clone: {depth: full}", "", None),
        ("", "clone: {depth: 7}", 7),
        ("clone: {depth: 3}", "clone: {depth: full}", 3),
    ],
)
def test_how_deep_a_clone_is(keys: str, rest: str, depth: int | None) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/
    (checkout,) = [step.action for step in job(keys, rest).steps if isinstance(step.action, Checkout)]
    assert checkout.depth == depth


def test_a_step_may_have_no_clone() -> None:
    for keys, rest in (("clone: {enabled: false}", ""), ("", "clone: {enabled: false}")):
        assert not [step for step in job(keys, rest).steps if isinstance(step.action, Checkout)]
    assert [step for step in job("clone: {enabled: true}", "clone: {enabled: false}").steps if step.id == "checkout"]


@pytest.mark.parametrize(
    ("keys", "rest", "minutes"),
    [
        ("", "", 120),
        ("max-time: 5", "", 5),
        ("", "options: {max-time: 30}", 30),
        ("max-time: 5", "options: {max-time: 30}", 5),
    ],
)
def test_how_long_a_step_may_take(keys: str, rest: str, minutes: int) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Max-time
    assert job(keys, rest).limits.timeout_s == minutes * 60


def test_a_step_whose_failure_is_ignored() -> None:
    # https://www.atlassian.com/blog/bitbucket/introducing-step-failure-strategies-in-bitbucket-pipelines
    assert job("on-fail: {strategy: ignore}").limits.allow_failure
    assert not job("on-fail: {strategy: fail}").limits.allow_failure
    assert job("on-fail: {strategy: retry, max-retry-count: 3}").limits.retries == 3


@pytest.mark.parametrize(
    ("labels", "platform", "contained"),
    [
        ("[self.hosted, linux]", Platform.LINUX, True),
        ("[self.hosted, linux.shell]", Platform.LINUX, False),
        ("[self.hosted, windows]", Platform.WINDOWS, False),
        ("[self.hosted, macos]", Platform.MACOS, False),
        ("self.hosted", Platform.LINUX, True),
    ],
)
def test_steps_for_runners_of_their_own(labels: str, platform: Platform, *, contained: bool) -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/configure-your-runner-in-bitbucket-pipelines-yml/
    found = job(f"runs-on: {labels}", "image: python:3.11")
    assert (found.platform, found.container is not None) == (platform, contained)


def test_what_happens_in_a_step_and_in_which_order() -> None:
    found = job("""
caches: [pip]
services: [docker]
after-script: [make clean]
artifacts: [dist/**]
""")
    ids = [step.id for step in found.steps]
    known = ["checkout", "docker", "cache-1", "script", "after-script", "save-cache-1", "artifact-1"]
    assert [one for one in ids if one in known] == known
    (script,) = [step.action for step in found.steps if step.id == "script"]
    assert isinstance(script, Script)
    assert [line.raw for line in script.lines] == ["make"]


def test_variables_that_a_step_hands_on() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Output-variables
    found = jobs("""
- step: {name: A, output-variables: [VERSION], script: [make]}
- parallel:
    - step: {name: B, output-variables: [LATE], script: [make]}
    - step: {name: C, script: [make]}
- step: {name: D, script: [make]}
""")
    assert {name: sorted(one.env) for name, one in found.items()} == {
        "A": [],
        "B": ["VERSION"],
        "C": ["VERSION"],
        "D": ["LATE", "VERSION"],
    }


def test_a_child_pipeline_takes_the_place_of_the_step_that_starts_it() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/child-pipeline-step-options/
    reading = read("""
pipelines:
  custom:
    child:
      - variables: [{name: LEVEL, default: low}, {name: OTHER, default: a}]
      - step: {name: Scan, script: [make scan]}
      - step: {name: Report, script: [make report]}
  default:
    - step: {name: Build, script: [make]}
    - step: {name: Check, type: pipeline, custom: child, input-variables: {LEVEL: strict}}
    - step: {name: Deploy, script: [make deploy]}
""")
    found = {job.id: job for job in reading.pipelines[1].jobs}
    assert edges(found) == {
        "Build": [],
        "Check/Scan": ["Build"],
        "Check/Report": ["Check/Scan"],
        "Deploy": ["Check/Report"],
    }
    assert {name: text.raw for name, text in found["Check/Scan"].env.items()} == {"LEVEL": "strict", "OTHER": "a"}
    assert not found["Deploy"].env


def test_a_pipeline_of_another_file_of_the_repository() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/share-pipelines-configurations/
    shared = """
image: node:20
definitions:
  caches: {theirs: vendor}
  pipelines:
    build: [{step: {name: Build, caches: [theirs], script: [make]}}]
"""
    reading = read(
        "definitions: {imports: {shared: ci/shared.yml}}\npipelines: {custom: {mine: {import: build@shared}}}\n",
        files={"ci/shared.yml": shared},
    )
    assert reading.findings == ()
    (one,) = reading.pipelines[0].jobs
    assert one.id == "Build"
    assert one.container is not None
    assert one.container.image.raw == "node:20"
    assert one.at.file == "ci/shared.yml"


@pytest.mark.parametrize(
    ("shared", "said"),
    [
        ("definitions: {pipelines: {build: {import: a@b}}}", "ci/shared.yml:1 unsupported import-of-an-import"),
        ("definitions: {pipelines: {biuld: []}}", "bitbucket-pipelines.yml:2 error unknown-import"),
        ("a: *b", "bitbucket-pipelines.yml:2 error unknown-import"),
    ],
)
def test_what_can_not_be_imported(shared: str, said: str) -> None:
    text = "definitions: {imports: {shared: ci/shared.yml}}\npipelines: {custom: {mine: {import: build@shared}}}\n"
    found = read(text, files={"ci/shared.yml": shared}).findings
    assert said in [f"{one.at.file}:{one.at.line} {one.severity.value} {one.code}" for one in found]


def test_templates_are_filled_in_before_the_file_is_read() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/yaml-templating/
    text = """
image: ${{IMAGE}}:${{ TAG }}
pipelines:
  default:
    - step:
        name: Build ${{BITBUCKET_BRANCH}}
        max-time: ${{MINUTES}}
        script: [make]
"""
    variables = {"IMAGE": "python", "TAG": "3.11", "MINUTES": "7"}
    one = pipeline(text, Facts(root="/r", branch="dev", variables=variables)).jobs[0]
    assert one.id == "Build dev"
    assert one.container is not None
    assert one.container.image.raw == "python:3.11"
    assert one.limits.timeout_s == 420


def test_anchors_and_merges() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/yaml-anchors/
    found = jobs(
        """
- step: *build
- step:
    <<: *build
    name: Deploy
    deployment: production
""",
        "definitions: {steps: [{step: &build {name: Build, image: node:20, script: [make]}}]}",
    )
    assert list(found) == ["Build", "Deploy"]
    containers = [one.container.image.raw for one in found.values() if one.container]
    assert containers == ["node:20", "node:20"]


def test_more_than_a_hundred_steps() -> None:
    # https://support.atlassian.com/bitbucket-cloud/docs/limitations-of-bitbucket-pipelines/
    def codes(count: int) -> list[str]:
        steps = "    - step: {script: [make]}\n" * count
        return [one.code for one in read(f"pipelines:\n  default:\n{steps}").findings]

    assert codes(100) == []
    assert codes(101) == ["limit"]


def test_a_file_that_is_not_there() -> None:
    reading = BITBUCKET.read(FILE, lambda _path: None, Facts(root="/r"))
    assert ([one.code for one in reading.findings], reading.pipelines) == (["no-file"], ())
