"""What `uses` steps become."""

from typing import Any

import pytest

from understudy.dialects.base import EvaluationError
from understudy.dialects.github.actions import Resolved, resolve, resolve_late
from understudy.dialects.github.actions.builtin import BUILT_IN
from understudy.dialects.github.actions.laid import repositories
from understudy.dialects.github.actions.reference import Image, Local, Remote, parse
from understudy.findings import NOWHERE, Severity
from understudy.model.pipeline import Checkout, Fetch, Group, Job, Publish, RestoreCache, SaveCache, Script, Text, Use
from understudy.model.results import Outcome

COMPOSITE = """\
inputs:
  who: {required: true}
  greeting: {default: "${{ github.actor }}"}
outputs:
  said: {value: "${{ steps.say.outputs.said }}"}
runs:
  using: composite
  steps:
    - id: say
      shell: bash
      run: echo ${{ inputs.who }}
      working-directory: sub
      if: inputs.who == 'me'
      env: {A: "${{ inputs.greeting }}"}
    - uses: ./inner
"""
JAVASCRIPT = """\
inputs:
  who-to greet: {default: World}
  plain: {default: "1"}
runs: {using: node20, pre: setup.js, main: dist/index.js, post: cleanup.js, post-if: success()}
"""


def resolved(step: Any, files: dict[str, str] | None = None) -> Resolved:
    held = files or {}
    return resolve(step, lambda path: held[path].encode() if path in held else None, "job")


class TestReferences:
    @pytest.mark.parametrize(
        ("uses", "expected"),
        [
            ("actions/checkout@v4", Remote("actions", "checkout", "", "v4")),
            ("aws-actions/a/sub/path@main", Remote("aws-actions", "a", "sub/path", "main")),
            ("pypa/gh-action-pypi-publish@release/v1", Remote("pypa", "gh-action-pypi-publish", "", "release/v1")),
            ("./.github/actions/x/", Local(".github/actions/x")),
            ("./", Local("")),
            ("docker://alpine:3.8", Image("alpine:3.8")),
            ("actions/checkout", None),
            ("checkout@v4", None),
            ("./../x", None),
            ("", None),
            ("../../x@v1", None),
            ("o/..@v1", None),
            ("o/r@--upload-pack=x", None),
            ("o/r@a/../b", None),
        ],
    )
    def test_uses(self, uses: str, expected: object) -> None:
        assert parse(uses) == expected

    def test_the_address_that_a_reader_is_asked_for(self) -> None:
        found = parse("o/r/sub@v1")
        assert isinstance(found, Remote)
        assert found.address("action.yml") == "github://o/r@v1/sub/action.yml"


class TestComposite:
    def test_steps_inputs_outputs_and_path(self, use: Any) -> None:
        files = {"my/action.yaml": COMPOSITE, "inner/action.yml": "runs: {using: composite, steps: []}"}
        done = resolved(use("./my", {"WHO": "me"}), files)
        assert not done.findings
        group = done.step.action
        assert isinstance(group, Group)
        assert {name: text.raw for name, text in group.inputs.items()} == {
            "who": "me",
            "greeting": "${{ github.actor }}",
        }
        assert group.outputs["said"].raw == "${{ steps.say.outputs.said }}"
        assert group.path is not None
        assert group.path.raw == "my"
        say, inner = group.steps
        assert isinstance(say.action, Script)
        assert say.workdir is not None
        assert (say.id, say.workdir.raw, say.env["A"].raw) == ("say", "sub", "${{ inputs.greeting }}")
        assert say.when.expression is not None
        assert say.when.expression.raw == "inputs.who == 'me'"
        assert isinstance(inner.action, Group)

    def test_shell_is_required(self, use: Any) -> None:
        files = {"a/action.yml": "runs:\n  using: composite\n  steps:\n    - run: true\n"}
        (finding,) = resolved(use("./a"), files).findings
        assert (finding.code, finding.severity, str(finding.at)) == (
            "shell-required",
            Severity.ERROR,
            "a/action.yml:4:7",
        )

    def test_an_action_that_uses_itself_comes_to_an_end(self, use: Any) -> None:
        files = {"a/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: ./a\n"}
        (finding,) = resolved(use("./a"), files).findings
        assert finding.code == "actions-too-deep"

    def test_an_action_of_its_own_repository(self, use: Any) -> None:
        outer = "runs:\n  using: composite\n  steps:\n    - uses: $/inner\n"
        files = {"github://o/r@v1/action.yml": outer, "github://o/r@v1/inner/action.yml": COMPOSITE}
        group = resolved(use("o/r@v1"), files).step.action
        assert isinstance(group, Group)
        assert isinstance(group.steps[0].action, Group)
        assert isinstance(resolved(use("$/my"), {"my/action.yml": COMPOSITE}).step.action, Group)

    def test_an_action_of_the_project_checked_out_into_a_folder(self, use: Any) -> None:
        group = resolved(use("./project/my"), {"my/action.yml": COMPOSITE}).step.action
        assert isinstance(group, Group)
        assert group.path is not None
        assert group.path.raw == "project/my"

    def test_a_remote_one_has_its_files_laid_into_the_room(self, use: Any) -> None:
        done = resolved(use("O/r/sub@v1"), {"github://O/r@v1/sub/action.yml": "runs: {using: composite, steps: []}"})
        assert isinstance(done.step.action, Group)
        assert done.step.action.path is not None
        assert done.step.action.path.raw == "~/.understudy/actions/o/r/v1/sub"
        job = Job("j", Text("j"), NOWHERE, steps=(done.step,))
        assert repositories(job) == (Remote("o", "r", "", "v1"),)


class TestJavaScript:
    def test_pre_main_and_post(self, use: Any) -> None:
        done = resolved(use("o/r@v1", {"plain": "${{ matrix.x }}"}), {"github://o/r@v1/action.yml": JAVASCRIPT})
        (pre,) = done.before
        (post,) = done.step.after_job
        assert (pre.id, post.id) == ("it", "it")
        assert (pre.name.raw, post.name.raw) == ("Pre Run o/r@v1", "Post Run o/r@v1")
        assert pre.when.after == post.when.after == frozenset(Outcome)
        assert pre.when.expression is None
        assert post.when.expression is not None
        assert post.when.expression.raw == "success()"
        assert done.step.env["INPUT_PLAIN"].raw == "${{ matrix.x }}"
        body = done.step.action
        assert isinstance(body, Script)
        assert 'folder="$HOME"/.understudy/actions/o/r/v1\n' in body.body.raw
        assert "env INPUT_WHO-TO_GREET=" in body.body.raw
        assert "World" in [text.raw for text in done.step.env.values()]

    def test_a_local_one_has_no_pre(self, use: Any) -> None:
        done = resolved(use("./a"), {"a/action.yml": JAVASCRIPT})
        assert done.before == ()
        assert len(done.step.after_job) == 1

    def test_a_deprecated_input_is_told(self, use: Any) -> None:
        text = "inputs: {a: {deprecationMessage: use b}}\nruns: {using: node20, main: x.js}"
        (finding,) = resolved(use("./a", {"a": "1"}), {"a/action.yml": text}).findings
        assert finding.message == "the input `a` of `./a` is deprecated: use b"


class TestWhatIsNotPerformed:
    @pytest.mark.parametrize(
        ("uses", "files", "code"),
        [
            ("o/r@v1", {}, "not-here"),
        ],
    )
    def test_it_stays_a_use(self, use: Any, uses: str, files: dict[str, str], code: str) -> None:
        done = resolved(use(uses), files)
        (finding,) = done.findings
        assert isinstance(done.step.action, Use)
        assert (finding.severity, finding.code, str(finding.at)) == (Severity.UNSUPPORTED, code, "w.yml:7:9")

    def test_what_names_nothing_is_told_by_the_checks_of_the_workflow_but_inside_of_an_action(self, use: Any) -> None:
        assert resolved(use("checkout")) == Resolved(use("checkout"))
        files = {"a/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: checkout\n"}
        (finding,) = resolved(use("./a"), files).findings
        assert (finding.severity, str(finding.at)) == (Severity.ERROR, "a/action.yml:4:13")


class TestKnownLate:
    """The service reads an action of the project when its step begins, so a step before it may write it."""

    ACTION = "runs:\n  using: composite\n  steps:\n    - {run: echo one, shell: bash}\n"

    def test_what_is_not_there_yet_is_a_use_and_no_obstacle(self, use: Any) -> None:
        done = resolved(use("./a"), {})
        (finding,) = done.findings
        assert isinstance(done.step.action, Use)
        assert (finding.severity, finding.code) == (Severity.WARNING, "not-here")
        late = resolve_late(done.step, {"a/action.yml": self.ACTION.encode()}.get)
        assert isinstance(late.action, Group)
        assert late.id == done.step.id

    def test_what_has_not_changed_stays_as_it_was_read(self, use: Any) -> None:
        done = resolved(use("./a"), {"a/action.yml": self.ACTION})
        assert resolve_late(done.step, {"a/action.yml": self.ACTION.encode()}.get) is done.step

    def test_what_has_changed_is_performed_as_it_is_now(self, use: Any) -> None:
        done = resolved(use("./a"), {"a/action.yml": self.ACTION})
        late = resolve_late(done.step, {"a/action.yml": self.ACTION.replace("one", "two").encode()}.get)
        assert isinstance(late.action, Group)
        (inner,) = late.action.steps
        assert isinstance(inner.action, Script)
        assert inner.action.body.raw == "echo two"

    def test_an_action_of_another_repository_is_not_looked_at_again(self, use: Any) -> None:
        done = resolved(use("o/r@v1"), {"github://o/r@v1/action.yml": self.ACTION})
        assert done.step.late is None

    def test_inside_of_it_such_an_action_is_where_the_room_has_it(self, use: Any) -> None:
        files = {
            "a/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: O/r/p@v1\n",
            "github://O/r@v1/p/action.yml": self.ACTION,
        }
        done = resolved(use("./a"), files)
        room = {"a/action.yml": files["a/action.yml"], "~/.understudy/actions/o/r/v1/p/action.yml": self.ACTION}
        assert resolve_late(done.step, {path: text.encode() for path, text in room.items()}.get) is done.step

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (None, "there is no action in `a`"),
            ("runs: {using: composite, steps: [{uses: ./a}]}", "one in another"),
            ("runs: {using: composite, steps: [{uses: o/r@v1}]}", "is not here"),
            ("name: none", "runs"),
        ],
    )
    def test_what_can_not_be_performed_fails_the_step(self, use: Any, text: str | None, words: str) -> None:
        done = resolved(use("./a"), {"a/action.yml": self.ACTION})
        files = {} if text is None else {"a/action.yml": text.encode()}
        with pytest.raises(EvaluationError, match=words):
            resolve_late(done.step, files.get)


class TestBuiltIn:
    @pytest.mark.parametrize("name", sorted(BUILT_IN))
    def test_every_one_is_performed_whatever_its_ref(self, use: Any, name: str) -> None:
        inputs = {"path": "x", "key": "k"} if name.startswith("actions/") and "checkout" not in name else {}
        done = resolved(use(f"{name}@{'a' * 40}", inputs))
        assert not isinstance(done.step.action, Use)
        assert not [one for one in done.findings if one.severity in (Severity.ERROR, Severity.UNSUPPORTED)]

    def test_checkout(self, use: Any) -> None:
        done = resolved(use("actions/checkout@v4", {"fetch-depth": "0", "path": "sub"}))
        assert isinstance(done.step.action, Checkout)
        assert done.step.action.path is not None
        assert (done.step.action.path.raw, done.step.action.depth) == ("sub", 0)

    @pytest.mark.parametrize(
        "inputs",
        [
            {"repository": "${{ github.repository }}"},
            {"ref": "${{ github.event.pull_request.head.sha }}"},
            {"ref": "${{ github.head_ref || github.ref }}"},
        ],
    )
    def test_checkout_of_itself(self, use: Any, inputs: dict[str, str]) -> None:
        done = resolved(use("actions/checkout@v4", inputs))
        assert isinstance(done.step.action, Checkout)
        assert not done.findings

    @pytest.mark.parametrize("inputs", [{"repository": "o/other"}, {"ref": "gh-pages"}])
    def test_checkout_of_something_else(self, use: Any, inputs: dict[str, str]) -> None:
        done = resolved(use("actions/checkout@v4", inputs))
        assert [one.severity for one in done.findings] == [Severity.UNSUPPORTED]

    def test_cache(self, use: Any) -> None:
        inputs = {"path": "~/.a\n${{ steps.x.outputs.dir }}\n", "key": "k-${{ runner.os }}", "restore-keys": "k-\n"}
        group = resolved(use("actions/cache@v4", inputs)).step.action
        assert isinstance(group, Group)
        assert {name: group.inputs[name].raw for name in ("key_1", "key_2", "path_1", "path_2")} == {
            "key_1": "k-${{ runner.os }}",
            "key_2": "k-",
            "path_1": "~/.a",
            "path_2": "${{ steps.x.outputs.dir }}",
        }
        restore = group.steps[0]
        assert isinstance(restore.action, RestoreCache)
        assert [key.raw for key in restore.action.keys] == ["${{ inputs.key_1 }}", "${{ inputs.key_2 }}"]
        (save,) = restore.after_job
        assert isinstance(save.action, SaveCache)
        assert save.when.after == {Outcome.PASSED}
        assert set(group.outputs) == {"cache-hit", "cache-primary-key", "cache-matched-key"}

    def test_restore_saves_nothing_and_save_restores_nothing(self, use: Any) -> None:
        inputs = {"path": "a", "key": "k"}
        group = resolved(use("actions/cache/restore@v4", inputs)).step.action
        assert isinstance(group, Group)
        assert all(not one.after_job for one in group.steps)
        assert isinstance(resolved(use("actions/cache/save@v4", inputs)).step.action, SaveCache)

    def test_artifacts(self, use: Any) -> None:
        up = resolved(use("actions/upload-artifact@v4", {"path": "dist"})).step.action
        down = resolved(use("actions/download-artifact@v4")).step.action
        assert isinstance(up, Group)
        assert isinstance(down, Group)
        assert isinstance(up.steps[1].action, Publish)
        assert isinstance(down.steps[0].action, Fetch)

    def test_only_the_pythons_that_are_not_found_are_named(self, use: Any) -> None:
        step = use("actions/setup-python@v6", {"python-version": "pypy3.11\n3.12\ngraalpy-24\n"})
        (finding,) = resolved(step).findings
        assert (finding.code, finding.severity) == ("other-python", Severity.UNSUPPORTED)
        assert finding.message == "`pypy3.11`, `graalpy-24` is not looked for: only CPython is"

    def test_benchmarks_are_only_run(self, use: Any) -> None:
        found = resolved(use("CodSpeedHQ/action@v4", {"run": "pytest --codspeed", "working-directory": "sub"}))
        assert isinstance(found.step.action, Script)
        assert (found.step.action.body.raw, found.step.workdir and found.step.workdir.raw) == (
            "pytest --codspeed",
            "sub",
        )
        assert [(one.code, one.severity) for one in found.findings] == [("done-elsewhere", Severity.NOTE)]

    def test_pdm_has_the_python_that_it_asks_for(self, use: Any) -> None:
        found = resolved(use("pdm-project/setup-pdm@v4", {"python-version": "3.12", "version": "2.1", "cache": "true"}))
        assert isinstance(found.step.action, Group)
        inputs = found.step.action.inputs
        assert (inputs["python-version"].raw, inputs["pdm-version"].raw) == ("3.12", "2.1")
        assert {"python-version", "python-path", "pdm-version", "pdm-bin"} == set(found.step.action.outputs)
        assert [one.code for one in found.findings] == ["input-ignored"]

    def test_merging_takes_all_artifacts_of_the_run(self, use: Any) -> None:
        found = resolved(use("actions/upload-artifact/merge@v4", {"delete-merged": "true"}))
        assert isinstance(found.step.action, Group)
        fetch, gather, publish = found.step.action.steps
        assert isinstance(fetch.action, Fetch)
        assert isinstance(publish.action, Publish)
        assert gather.env["INPUT_PATTERN"].raw == "${{ inputs.pattern }}"
        assert found.step.action.inputs["pattern"].raw == "*"
        assert [one.code for one in found.findings] == ["input-ignored"]

    def test_what_is_done_elsewhere_says_so(self, use: Any) -> None:
        done = resolved(use("codecov/codecov-action@v4"))
        assert [(one.severity, one.code) for one in done.findings] == [(Severity.NOTE, "done-elsewhere")]
        assert isinstance(done.step.action, Script)
        assert "Not performed here" in done.step.action.body.raw
