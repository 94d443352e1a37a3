"""Steps that run containers beside their job."""

from dataclasses import replace
from typing import Any

import pytest

from understudy.dialects.base import Dialect, Invocation, Scope, Traits
from understudy.findings import Severity
from understudy.model.engines import wants_engine
from understudy.model.events import Noticed
from understudy.model.pipeline import Container, Group, Job, RunContainer, Script, Step, Text, Use
from understudy.model.results import Outcome
from understudy.runtimes.base import CONTAINERS, Aside
from understudy.runtimes.fake import FakeRuntime

ACTION = RunContainer(Text("alpine:{{TAG}}"), folders={"/there": ".", "/there/temp": "~/temp"}, workdir="/there")


class WithContainers(FakeRuntime):
    """Its rooms take calls for containers as any other."""

    def provides(self, reference: str) -> bool:
        return reference == CONTAINERS


@pytest.fixture
def dialect(stage: Any) -> Dialect:
    class Starting(type(stage.dialect())):  # type: ignore[misc] # the tiny dialect's class, which isn't importable
        TRAITS = replace(Traits(), shared=("~/late",))

        def invoke(self, job: Job, step: Step, scope: Scope) -> Invocation:
            if isinstance(step.action, Script):
                return super().invoke(job, step, scope)  # type: ignore[no-any-return]
            env = {"FILE": f"{scope.place.home}/temp/x" if scope.place else "", "NAME": step.id}
            return Invocation(("a", "b"), b"", env=env, entrypoint=("run",))

    made: Dialect = Starting()
    return made


def test_what_the_container_is_given(stage: Any, dialect: Dialect) -> None:
    runtime = WithContainers()
    step = stage.step(ACTION, env={"TAG": Text("3"), "PLACE": Text("/home/fake/project/src")}, timeout_s=9.0)
    stage.perform(stage.job("a", step), runtime=runtime, dialect=dialect)
    (room,) = runtime.rooms.values()
    assert room.spec.shared == ("~/project", "~/temp")
    call = next(one for one in room.calls if one.aside)
    folders = {"/there": "/home/fake/project", "/there/temp": "/home/fake/temp"}
    assert call.aside == Aside("alpine:3", entrypoint=("run",), folders=folders)
    assert (call.argv, call.workdir, call.timeout_s) == (("a", "b"), "/there", 9.0)
    assert (call.env["FILE"], call.env["PLACE"], call.env["NAME"]) == ("/there/temp/x", "/there/src", "s")
    assert not {"PATH", "HOME", "USER"} & call.env.keys()


def test_where_no_container_can_be_run_the_step_is_skipped_and_named(stage: Any, dialect: Dialect) -> None:
    done = stage.perform(stage.job("a", stage.step(ACTION), stage.script()), dialect=dialect)
    assert done.outcomes("a") == [Outcome.SKIPPED, Outcome.PASSED]
    (finding,) = [event.finding for event in done.of(Noticed) if event.finding.severity is Severity.UNSUPPORTED]
    assert "`alpine:{{TAG}}`" in finding.message


def test_a_step_that_is_only_known_late_finds_the_folders_shared(stage: Any, dialect: Dialect) -> None:
    runtime = WithContainers()
    late = stage.step(Use(Text("./made")))
    stage.perform(stage.job("a", replace(late, late=late), stage.script()), runtime=runtime, dialect=dialect)
    (room,) = runtime.rooms.values()
    assert room.spec.shared == ("~/late",)


@pytest.mark.parametrize(
    ("body", "wants"),
    [
        ("docker build .", True),
        ("set -e\n  sudo docker compose up -d", True),
        ("docker-compose up", True),
        ("x=$(docker --context a ps -q)", True),
        ("podman run it", True),
        ("engine=$(command -v docker || command -v podman)", True),
        ("echo not docker itself", False),
        ("# docker build .", False),
        ("pip install docker", False),
        ("cat docker/build.sh", False),
    ],
)
def test_a_script_that_calls_a_client_wants_an_engine(stage: Any, body: str, *, wants: bool) -> None:
    assert wants_engine(stage.job("a", stage.script(body))) is wants
    assert wants_engine(stage.job("a", stage.step(Group((stage.script(body),))))) is wants


def test_variables_in_the_name_of_an_image_are_those_of_the_job(stage: Any) -> None:
    """https://circleci.com/docs/guides/execution-managed/private-images/"""
    image = Text("1.registry.${REGION}.example/image:$TAG-$NOPE-$")
    job = stage.job("a", stage.script(), container=Container(image), services=(Container(image),))
    stage.perform(job, secrets={"REGION": "eu", "TAG": ""})
    (room,) = stage.runtime.rooms.values()
    assert room.spec.image == "1.registry.eu.example/image:-$NOPE-$"
    assert [service.image.raw for service in room.spec.services] == ["1.registry.eu.example/image:-$NOPE-$"]


def test_where_secrets_are_no_variables_a_dollar_in_an_image_is_one(stage: Any) -> None:
    job = stage.job("a", stage.script(), container=Container(Text("image:$TAG")))
    stage.perform(job, dialect=stage.late(), secrets={"TAG": "1"})
    (room,) = stage.runtime.rooms.values()
    assert room.spec.image == "image:$TAG"
