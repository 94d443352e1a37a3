"""What the service does while a step runs: variables, texts, processes, what is left behind."""

from dataclasses import replace

import pytest

from understudy.dialects.base import Asked, EvaluationError, Place, Scope, Setting, StepState
from understudy.dialects.bitbucket import behave, caches, inputs, scripts
from understudy.dialects.bitbucket.parts import Cache, Pipe, Variable
from understudy.dialects.bitbucket.select import Entry, triggers
from understudy.dialects.bitbucket.texts import output_variable
from understudy.findings import NOWHERE, Position
from understudy.model.pipeline import (
    Condition,
    Container,
    Job,
    Patterns,
    Pipeline,
    RunContainer,
    Script,
    Siblings,
    Step,
    Text,
)
from understudy.model.results import EventKind, Facts, Outcome

FACTS = Facts(root="/w/rocket", branch="main", sha="a" * 40, owner="acme", repository="rocket")
PLACE = Place("run1", "Build", 7, workdir="/opt/atlassian/pipelines/agent/build", home="/root")
JOB = Job("Build", Text("Build"), NOWHERE)


def texts(*words: str) -> tuple[Text, ...]:
    return tuple(map(Text, words))


def job(*items: Text | Pipe, after: tuple[Text | Pipe, ...] = ()) -> Job:
    script, _ = scripts.made(items, scripts.SCRIPT, NOWHERE)
    later, _ = scripts.made(after, scripts.AFTER_SCRIPT, NOWHERE)
    return replace(JOB, steps=(*script, *later))


def scope(one: Job = JOB, **more: object) -> Scope:
    return replace(Scope(FACTS, PLACE, job=one), **more)  # type: ignore[arg-type] # each test knows its field


class TestVariables:
    """https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/"""

    def test_those_that_every_step_has(self) -> None:
        found = behave.predefined(FACTS, JOB, PLACE)
        assert {name: found[name] for name in ("CI", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_BRANCH")} == {
            "CI": "true",
            "BITBUCKET_BUILD_NUMBER": "7",
            "BITBUCKET_BRANCH": "main",
        }
        assert found["BITBUCKET_CLONE_DIR"] == "/opt/atlassian/pipelines/agent/build"
        assert found["BITBUCKET_COMMIT"] == "a" * 40
        assert found["BITBUCKET_STEP_UUID"][0] + found["BITBUCKET_STEP_UUID"][-1] == "{}"
        assert not {"BITBUCKET_TAG", "BITBUCKET_PR_ID", "BITBUCKET_PARALLEL_STEP"} & found.keys()

    def test_a_tag_has_no_branch(self) -> None:
        found = behave.predefined(replace(FACTS, event=EventKind.TAG, tag="v1"), JOB, PLACE)
        assert found["BITBUCKET_TAG"] == "v1"
        assert "BITBUCKET_BRANCH" not in found

    def test_a_pull_request_knows_where_it_goes(self) -> None:
        facts = replace(FACTS, event=EventKind.PULL_REQUEST, branch="feature", base_branch="main", pull_request=12)
        found = behave.predefined(facts, JOB, PLACE)
        assert (found["BITBUCKET_BRANCH"], found["BITBUCKET_PR_DESTINATION_BRANCH"]) == ("feature", "main")
        assert found["BITBUCKET_PR_ID"] == "12"

    def test_steps_side_by_side_are_counted_from_zero(self) -> None:
        found = behave.predefined(FACTS, replace(JOB, siblings=Siblings("g", 1, 3)), PLACE)
        assert (found["BITBUCKET_PARALLEL_STEP"], found["BITBUCKET_PARALLEL_STEP_COUNT"]) == ("1", "3")

    def test_one_of_the_project_takes_the_place_of_a_default_one(self) -> None:
        facts = replace(FACTS, variables={"CI": "yes", "MORE": "1"})
        found = behave.predefined(facts, JOB, PLACE)
        assert (found["CI"], found["MORE"]) == ("yes", "1")

    def test_those_that_only_the_service_knows_are_named(self) -> None:
        at = Position("f", 3, 1)
        one = job(Text("echo $BITBUCKET_REPO_UUID $BITBUCKET_BRANCH", at), Text("echo ${BITBUCKET_REPO_UUID}", NOWHERE))
        push = Pipeline("default", "bitbucket", NOWHERE)
        assert behave.asked(one, push) == (Asked(Setting.VARIABLE, "BITBUCKET_REPO_UUID", at),)

    def test_a_pull_request_s_number_is_missed_by_its_pipelines_alone(self) -> None:
        one = job(Text("echo $BITBUCKET_PR_ID"))
        entry = Entry("pull-requests", "**")
        request = Pipeline("pull-requests.**", "bitbucket", NOWHERE, triggers=triggers(entry, (entry,)))
        assert behave.asked(one, Pipeline("default", "bitbucket", NOWHERE)) == ()
        assert [asked.name for asked in behave.asked(one, request)] == ["BITBUCKET_PR_ID"]

    def test_what_the_service_fills_in_must_come_from_somewhere(self) -> None:
        pipe = Pipe(
            Text("docker://acme/pipe:1"), None, {"A": Text("$SET $GIVEN $MISSING"), "B": Text("$BITBUCKET_TAG")}
        )
        one = replace(job(Text("export SET=1"), pipe), env={"GIVEN": Text("1")})
        one = replace(one, container=Container(Text("acme/image"), credentials={"password": Text("$HUB_PASSWORD")}))
        names = [asked.name for asked in behave.asked(one, Pipeline("default", "bitbucket", NOWHERE))]
        assert names == ["MISSING", "HUB_PASSWORD"]


class TestTexts:
    def test_variables_are_filled_in_as_a_shell_would(self) -> None:
        env = {"A": "1", "B_2": "two"}
        assert behave.evaluate(Text("$A-${B_2}-$NONE-$$-$1"), scope(env=env)) == "1-two--$$-$1"

    @pytest.mark.parametrize("mark", ["bitbucket-cache:", "bitbucket-input:", "output-variable:", "goes-on:"])
    def test_words_of_the_file_that_begin_as_ours_are_no_crash(self, mark: str) -> None:
        for lead in ("", "\0"):
            for rest in ("x", "[1]", '[1, {"a": 2}, 3]', "null"):
                assert isinstance(behave.evaluate(Text(f"{lead}{mark}{rest}"), scope()), str)

    def test_what_a_script_has_set_counts_before_the_environment(self) -> None:
        left = {"script": StepState(Outcome.PASSED, Outcome.PASSED, {"value:A": "from the script"})}
        outputs = {name: state.outputs for name, state in left.items()}
        assert behave.evaluate(Text("$A"), scope(env={"A": "1"}, outputs=outputs)) == "from the script"

    def test_a_cache_with_key_files_is_named_by_what_is_in_them(self) -> None:
        step = caches.restore(Cache(Text("gems"), Text("vendor"), texts("Gemfile.lock")), 1)
        assert step is not None
        (key,) = step.action.keys  # type: ignore[union-attr]
        one, other = (behave.evaluate(key, scope(read_file={"Gemfile.lock": content}.get)) for content in (b"1", b"2"))
        assert one.startswith("gems-")
        assert one != other
        again = behave.evaluate(key, scope(read_file={"Gemfile.lock": b"1"}.get))
        assert again == one

    def test_its_key_stays_what_it_was_when_it_was_looked_for(self) -> None:
        step = caches.save(Cache(Text("gems"), Text("vendor"), texts("Gemfile.lock")), 1)
        assert step is not None
        value = behave.evaluate(step.action.key, scope(outputs={"cache-1": {"key": "gems-before"}}))  # type: ignore[union-attr]
        assert value == "gems-before"

    def test_a_cache_without_them_is_named_as_it_is(self) -> None:
        step = caches.restore(Cache(Text("pip")), 1)
        assert step is not None
        assert behave.evaluate(step.action.keys[0], scope()) == "pip"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("composer", "~/.composer/cache"),
        ("dotnetcore", "~/.nuget/packages"),
        ("gradle", "~/.gradle/caches"),
        ("ivy2", "~/.ivy2/cache"),
        ("maven", "~/.m2/repository"),
        ("node", "node_modules"),
        ("pip", "~/.cache/pip"),
        ("sbt", "~/.sbt"),
    ],
)
def test_predefined_caches_have_their_folders(name: str, folder: str) -> None:
    """https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/"""
    step = caches.save(Cache(Text(name)), 1)
    assert step is not None
    assert [path.raw for path in step.action.paths] == [folder]  # type: ignore[union-attr]
    assert step.when == Condition()


def test_layers_of_the_engine_are_no_folder() -> None:
    cache = Cache(Text("docker"))
    assert (caches.restore(cache, 1), caches.save(cache, 1)) == (None, None)
    assert caches.noted(cache) is not None


class TestInputs:
    """https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/#Custom-pipelines"""

    VARIABLES = (Variable(Text("WHERE"), Text("test"), texts("test", "prod")), Variable(Text("NOTE")))

    def test_what_is_given_wins_over_the_default(self) -> None:
        given = inputs.environment(self.VARIABLES)
        facts = replace(FACTS, parameters={"WHERE": "prod"}, inputs={"NOTE": "x"})
        values = {name: behave.evaluate(text, Scope(facts)) for name, text in given.items()}
        assert values == {"WHERE": "prod", "NOTE": "x"}
        assert {name: behave.evaluate(text, Scope(FACTS)) for name, text in given.items()} == {
            "WHERE": "test",
            "NOTE": "",
        }

    def test_a_value_that_is_not_allowed_starts_nothing(self) -> None:
        facts = replace(FACTS, parameters={"WHERE": "moon"})
        with pytest.raises(EvaluationError, match="moon"):
            behave.evaluate(inputs.environment(self.VARIABLES)["WHERE"], Scope(facts))
        (finding,) = inputs.checked({"deploy": self.VARIABLES}, facts)
        assert finding.code == "not-allowed"

    def test_it_may_be_meant_for_another_pipeline(self) -> None:
        facts = replace(FACTS, parameters={"WHERE": "moon"})
        other = (Variable(Text("WHERE")),)
        assert not list(inputs.checked({"deploy": self.VARIABLES, "other": other}, facts))


class TestScripts:
    def test_all_lines_are_one_step(self) -> None:
        (step,) = job(*texts("one", "two")).steps
        assert isinstance(step.action, Script)
        assert step.action.body.raw == "one\ntwo"

    def test_an_after_script_runs_either_way_and_counts_for_nothing(self) -> None:
        _, step = job(Text("one"), after=texts("two")).steps
        assert step.when.after == {Outcome.PASSED, Outcome.FAILED}
        assert step.continue_on_error

    @pytest.mark.parametrize(
        ("states", "code"),
        [
            ({"script": StepState(Outcome.PASSED, Outcome.PASSED, {}, 0)}, "0"),
            ({"script": StepState(Outcome.FAILED, Outcome.FAILED, {}, 127)}, "127"),
            ({"script": StepState(Outcome.FAILED, Outcome.FAILED)}, "1"),
            ({}, "0"),
        ],
    )
    def test_it_knows_what_the_script_came_to(self, states: dict[str, StepState], code: str) -> None:
        one = job(Text("one"), after=texts("two"))
        invocation = behave.invoke(one, one.steps[1], scope(one, steps=states))
        assert invocation.env == {"BITBUCKET_EXIT_CODE": code}

    def test_bash_where_there_is_one(self) -> None:
        one = job(Text("echo"))
        invocation = behave.invoke(one, one.steps[0], scope(one))
        assert (invocation.argv, invocation.otherwise) == (("/bin/bash",), ("/bin/sh",))

    def test_a_shell_alone_leaves_no_state(self) -> None:
        one = job(Text("echo"))
        assert b".understudy-shell" not in behave.invoke(one, one.steps[0], scope(one)).script

    def test_what_a_step_hands_on(self) -> None:
        """https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Output-variables"""
        one = replace(job(Text("echo")), outputs={"VERSION": output_variable("Build", "VERSION", Text("VERSION"))})
        handed = b"VERSION=1\nOTHER=2\n# VERSION=3\nVERSION='2'\n"
        effects = behave.absorb(one, one.steps[0], {"~/.understudy-shell/variables": handed}.get)
        assert effects.outputs == {"handed:VERSION": "2"}
        seen = scope(one, outputs={"script": effects.outputs})
        assert behave.evaluate(one.outputs["VERSION"], seen) == "2"


class TestPipes:
    """https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/"""

    @staticmethod
    def made(reference: str, **variables: Text | tuple[Text, ...]) -> Step:
        (step,) = job(Pipe(Text(reference), None, variables)).steps
        return step

    @pytest.mark.parametrize(
        ("reference", "image"),
        [
            ("atlassian/aws-s3-deploy:1.1.0", "bitbucketpipelines/aws-s3-deploy:1.1.0"),
            ("docker://acme/pipe:2", "acme/pipe:2"),
            ("docker://registry.example.org:5000/acme/pipe@sha256:0", "registry.example.org:5000/acme/pipe@sha256:0"),
            ("sonarsource/sonarcloud-scan:1.4.0", "sonarsource/sonarcloud-scan:1.4.0"),
        ],
    )
    def test_the_image_that_it_is(self, reference: str, image: str) -> None:
        action = self.made(reference).action
        assert isinstance(action, RunContainer)
        assert action.image == Text(image)

    def test_an_image_that_is_guessed_is_told(self) -> None:
        found = {
            reference: [one.code for one in scripts.made([Pipe(Text(reference))], scripts.SCRIPT, NOWHERE)[1]]
            for reference in (
                "atlassian/x:1",
                "acme/x:1",
                "docker://acme/x:1",
                "no pipe",
                "atlassian/slack-notify:2.0.0",
            )
        }
        assert found == {
            "atlassian/x:1": [],
            "acme/x:1": ["pipe-image-guessed"],
            "docker://acme/x:1": [],
            "no pipe": ["unknown-pipe"],
            "atlassian/slack-notify:2.0.0": ["pipe-not-performed"],
        }

    def test_it_is_told_its_variables_and_the_service_s(self) -> None:
        step = self.made("atlassian/x:1", TOKEN=Text("$SECRET"), LIST=texts("a", "$B"))
        env = behave.invoke(
            replace(JOB, steps=(step,)), step, scope(env={"SECRET": "s3cret", "B": "b", "OTHER": "project's"})
        ).env
        own = {name: value for name, value in env.items() if not name.startswith("BITBUCKET_")}
        assert own == {"CI": "true", "TOKEN": "s3cret", "LIST_COUNT": "2", "LIST_0": "a", "LIST_1": "b"}
        assert env["BITBUCKET_BRANCH"] == "main"


class TestChangesets:
    """https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Condition"""

    @pytest.mark.parametrize(
        ("only", "ignore", "changed", "expected"),
        [
            (["path1/*.xml"], [], ["path1/a.xml"], True),
            (["path1/*.xml"], [], ["path1/deep/a.xml"], False),
            (["path2/**"], [], ["path2/deep/a.xml"], True),
            (["path1/*.xml"], [], [], False),
            (["path1/*.xml"], [], None, True),
            (None, ["docs/**"], ["docs/a.md"], False),
            (None, ["docs/**"], ["docs/a.md", "src/a.py"], True),
            (["src/**"], ["**/*.md"], ["src/a.md"], False),
        ],
    )
    def test_by_the_files_that_changed(
        self, only: list[str] | None, ignore: list[str], changed: list[str] | None, *, expected: bool
    ) -> None:
        condition = Condition(paths=Patterns(None if only is None else texts(*only), texts(*ignore)))
        facts = replace(FACTS, changed_files=None if changed is None else tuple(changed))
        holds, why = behave.holds(condition, Scope(facts))
        assert holds is expected
        assert why

    def test_a_state_that_can_not_be_read_is_an_error_of_the_step(self) -> None:
        with pytest.raises(EvaluationError):
            behave.holds(Condition(expression=Text("a ==")), scope())
