"""Every expression of a workflow: whether it can be read, what it may use where it stands, and what it gives."""

from collections.abc import Iterable

from understudy.dialects.github.checks import derive
from understudy.dialects.github.checks.conditions import constant
from understudy.dialects.github.checks.contexttypes import AVAILABLE, COMMON, EVERYTHING, Available
from understudy.dialects.github.checks.document import (
    Document,
    Job,
    Step,
    child,
    has_expression,
    is_expression,
    items,
    pairs,
    scalar,
    texts,
)
from understudy.dialects.github.checks.locator import Locator
from understudy.dialects.github.checks.metadata import Input, Library
from understudy.dialects.github.checks.report import Report, listed
from understudy.dialects.github.checks.typecheck import Checker
from understudy.dialects.github.checks.types import (
    ANY,
    EMPTY,
    TEXT,
    Object,
    Type,
    described,
    kind_of,
    kind_words,
    strict,
)
from understudy.dialects.github.checks.untrusted import untrusted
from understudy.dialects.github.expression import template
from understudy.dialects.github.expression.errors import ExpressionError
from understudy.dialects.github.expression.nodes import Tree, start
from understudy.dialects.github.expression.parser import parse
from understudy.dialects.github.expression.signatures import Kind
from understudy.dialects.github.notes import CONTEXTS, EXPRESSIONS, SECURITY, SYNTAX
from understudy.findings import Position
from understudy.text import yaml

_AVAILABILITY = f"{CONTEXTS}#context-availability"
_COMPOUND = (Kind.OBJECT, Kind.ARRAY, Kind.NULL)
_RUNNER_KEYS = {"group", "labels"}


class Expressions:
    """One walk through a workflow, with the contexts as they are where it is."""

    def __init__(self, document: Document, library: Library, locator: Locator, report: Report) -> None:
        self._document, self._library = document, library
        self._locator, self._report = locator, report
        self._contexts: dict[str, Type] = {
            **COMMON,
            "github": derive.github_context(document),
            "secrets": derive.secrets(document),
            "inputs": derive.inputs(document),
        }

    def check(self) -> None:
        """Everything in the file, in the order in which the service comes to it."""
        self._events()
        root = self._document.root
        self._text(scalar(root, "run-name"), "run-name")
        self._env(child(root, "env"), "env")
        self._concurrency(child(root, "concurrency"), "concurrency")
        for job in self._document.jobs:
            self._job(job)
        self._call_outputs()

    def _events(self) -> None:
        for event in self._document.events:
            for key in ("types", "branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"):
                self._texts(texts(event.settings, key), "")
            if event.name.value == "workflow_call":
                self._defaults(pairs(event.settings, "inputs"))

    def _defaults(self, inputs: Iterable[tuple[yaml.Scalar, yaml.Node]]) -> None:
        """The default of an input sees the inputs that stand before it."""
        before = self._contexts["inputs"]
        known: list[tuple[str, Type]] = []
        for name, node in inputs:
            self._contexts["inputs"] = strict(known)
            wanted = derive.input_type(node)
            default = scalar(node, "default")
            given = self._text(default, "on.workflow_call.inputs.<inputs_id>.default")
            if default and given and is_expression(default.value) and not _assignable(wanted, given):
                message = f"the input `{name.value}` is {described(wanted)}, and its default is {described(given)}"
                self._report.add("bad-default", message, default.at, rule=f"{SYNTAX}#onworkflow_callinputs")
            known.append((name.value, wanted))
        self._contexts["inputs"] = before

    def _call_outputs(self) -> None:
        event = self._document.event("workflow_call")
        self._contexts["jobs"] = derive.jobs(self._document, self._library)
        for _, node in pairs(event.settings, "outputs") if event else ():
            self._text(scalar(node, "value"), "on.workflow_call.outputs.<output_id>.value")

    def _job(self, job: Job) -> None:
        outside = dict(self._contexts)
        self._contexts["needs"] = derive.needs(job, self._document, self._library)
        self._strategy(job)
        node, prefix = job.node, "jobs.<job_id>"
        self._text(scalar(node, "name"), f"{prefix}.name")
        self._condition(scalar(node, "if"), f"{prefix}.if")
        self._runs_on(child(node, "runs-on"))
        self._concurrency(child(node, "concurrency"), f"{prefix}.concurrency")
        self._env(child(node, "env"), f"{prefix}.env")
        self._whole(child(node, "defaults", "run"), f"{prefix}.defaults.run")
        for _, value in pairs(node, "defaults", "run"):
            self._text(value, f"{prefix}.defaults.run")
        self._typed(scalar(node, "continue-on-error"), f"{prefix}.continue-on-error", Kind.BOOLEAN)
        self._typed(scalar(node, "timeout-minutes"), f"{prefix}.timeout-minutes", Kind.NUMBER)
        self._condition(scalar(node, "snapshot", "if"), f"{prefix}.snapshot.if")
        self._containers(job)
        self._called(job)
        self._contexts["steps"] = EMPTY
        for step in job.steps:
            self._step(step)
        self._after(job)
        self._contexts = outside

    def _strategy(self, job: Job) -> None:
        key = "jobs.<job_id>.strategy"
        self._typed(scalar(job.node, "strategy"), key, Kind.OBJECT)
        self._typed(scalar(job.node, "strategy", "fail-fast"), key, Kind.BOOLEAN)
        self._typed(scalar(job.node, "strategy", "max-parallel"), key, Kind.NUMBER)
        whole = job.matrix
        if isinstance(whole, yaml.Scalar):
            self._typed(whole, key, Kind.OBJECT)
        for _, row in pairs(whole):
            if isinstance(row, yaml.Scalar):
                self._typed(row, key, Kind.ARRAY)
        self._contexts["matrix"] = derive.matrix(job, lambda node: self._value(node, key) or ANY)

    def _runs_on(self, node: yaml.Node | None) -> None:
        key = "jobs.<job_id>.runs-on"
        for label in texts(node) if not isinstance(node, yaml.Mapping) else texts(node, "labels"):
            single = label is node or label is child(node, "labels")
            if not (single and is_expression(label.value)):
                self._text(label, key)
                continue
            given = self._value(label, key)
            whole = isinstance(given, Object) and given.others is None and not _RUNNER_KEYS & set(given.properties)
            if given is not None and (whole or kind_of(given) in (Kind.BOOLEAN, Kind.NULL)):
                message = f"a runner is a text or a list of them, not {described(given)}"
                self._report.add("wrong-value", message, label.at, rule=f"{SYNTAX}#jobsjob_idruns-on")
        self._text(scalar(node, "group"), key)

    def _containers(self, job: Job) -> None:
        services = child(job.node, "services")
        if isinstance(services, yaml.Scalar):
            self._typed(services, "jobs.<job_id>.services", Kind.OBJECT)
        self._whole(child(job.node, "container"), "jobs.<job_id>.container")
        for _, service in pairs(services):
            self._whole(service, "jobs.<job_id>.services")
        for _, container in job.containers:
            own = container is child(job.node, "container")
            key = "jobs.<job_id>.container" if own else "jobs.<job_id>.services"
            inner = key if own else f"{key}.<service_id>"
            for name in ("image", "options", "entrypoint", "command"):
                self._text(scalar(container, name), key)
            for name in ("ports", "volumes"):
                self._typed(scalar(container, name), key, Kind.ARRAY)
                self._texts(items(container, name), key)
            credentials = child(container, "credentials")
            if isinstance(credentials, yaml.Scalar):
                self._typed(credentials, f"{inner}.credentials", Kind.OBJECT)
            for _, value in pairs(credentials):
                self._text(value, f"{inner}.credentials")
            self._env(child(container, "env"), f"{inner}.env.<env_id>")

    def _called(self, job: Job) -> None:
        interface = self._library.workflow(job.uses.value) if job.uses else None
        for name, node in pairs(job.node, "with"):
            given = self._text(node, "jobs.<job_id>.with.<with_id>")
            known = interface.inputs.get(name.value.lower()) if interface else None
            if known is not None and isinstance(node, yaml.Scalar):
                self._passed(node, known, given if is_expression(node.value) else derive.of_scalar(node))
        for _, node in pairs(job.node, "secrets"):
            self._text(node, "jobs.<job_id>.secrets.<secrets_id>")

    def _passed(self, node: yaml.Scalar, known: Input, given: Type | None) -> None:
        wanted = derive.input_type(yaml.Mapping(((_TYPE, yaml.Scalar(known.kind, node.at)),), node.at))
        if given is not None and not _assignable(wanted, given):
            message = f"the input `{known.name}` is {described(wanted)}, and is given {described(given)}"
            self._report.add("wrong-value", message, node.at, rule=f"{SYNTAX}#jobsjob_idwith")

    def _step(self, step: Step) -> None:
        node, prefix = step.node, "jobs.<job_id>.steps"
        self._text(scalar(node, "name"), f"{prefix}.name")
        self._condition(scalar(node, "if"), f"{prefix}.if")
        self._text(step.run, f"{prefix}.run", script=True)
        self._text(scalar(node, "shell"), "")
        self._text(scalar(node, "working-directory"), f"{prefix}.working-directory")
        self._text(step.uses, "")
        if isinstance(given := child(node, "with"), yaml.Scalar):
            self._typed(given, f"{prefix}.with", Kind.OBJECT)
        scripted = step.uses is not None and step.uses.value.startswith("actions/github-script@")
        for name, value in pairs(node, "with"):
            self._text(value, f"{prefix}.with", script=scripted and name.value.lower() == "script")
        self._env(child(node, "env"), f"{prefix}.env")
        self._typed(scalar(node, "continue-on-error"), f"{prefix}.continue-on-error", Kind.BOOLEAN)
        self._typed(scalar(node, "timeout-minutes"), f"{prefix}.timeout-minutes", Kind.NUMBER)
        if step.id:
            steps = self._contexts["steps"]
            assert isinstance(steps, Object)
            known = {**steps.properties, step.id.value.lower(): derive.step(step, self._library)}
            self._contexts["steps"] = Object(known, ANY if has_expression(step.id.value) else steps.others)

    def _after(self, job: Job) -> None:
        """What is evaluated when all steps have ended."""
        for _, node in pairs(job.node, "outputs"):
            self._text(node, "jobs.<job_id>.outputs.<output_id>")
        environment = child(job.node, "environment")
        self._whole(environment, "jobs.<job_id>.environment")
        self._text(scalar(environment, "name"), "jobs.<job_id>.environment")
        self._text(scalar(environment, "url"), "jobs.<job_id>.environment.url")
        self._typed(scalar(environment, "deployment"), "jobs.<job_id>.environment", Kind.BOOLEAN)

    def _concurrency(self, node: yaml.Node | None, key: str) -> None:
        self._whole(node, key)
        self._text(scalar(node, "group"), key)
        self._typed(scalar(node, "cancel-in-progress"), key, Kind.BOOLEAN)

    def _env(self, node: yaml.Node | None, key: str) -> None:
        if isinstance(node, yaml.Scalar):
            self._typed(node, key, Kind.OBJECT)
        for name, value in pairs(node):
            if _is_insert(name.value):
                self._typed(value, key, Kind.OBJECT)
            else:
                self._text(name, key)
                self._text(value, key)

    def _texts(self, nodes: Iterable[yaml.Node], key: str) -> None:
        for node in nodes:
            self._text(node, key)

    def _whole(self, node: yaml.Node | None, key: str) -> None:
        """A text, or one expression for a text or for the map that can stand there instead."""
        if isinstance(node, yaml.Scalar) and is_expression(node.value):
            self._value(node, key)
        else:
            self._text(node, key)

    def _typed(self, node: yaml.Node | None, key: str, wanted: Kind) -> None:
        """An expression where a value of some kind must come of it; with anything around it, it gives a text."""
        if not isinstance(node, yaml.Scalar) or not has_expression(node.value):
            return
        given = self._value(node, key) if is_expression(node.value) else self._text(node, key) and TEXT
        if given is not None and kind_of(given) not in (wanted, Kind.ANY):
            message = f"this must be {kind_words([wanted])}, and is {described(given)}"
            self._report.add("wrong-value", message, node.at, rule=SYNTAX)

    def _text(self, node: yaml.Node | None, key: str, *, script: bool = False) -> Type | None:
        """A text with expressions, each of which must be something that can be part of a text."""
        if not isinstance(node, yaml.Scalar) or not has_expression(node.value):
            return None
        return self._value(node, key, script=script, embedded=True)

    def _value(self, node: yaml.Scalar, key: str, *, script: bool = False, embedded: bool = False) -> Type | None:
        """The type of the last expression of `node`; None where something is wrong with one."""
        if not has_expression(node.value):
            return None
        try:
            parts = [piece for piece in template.parse(node.value) if isinstance(piece, template.Part)]
        except ExpressionError as error:
            self._syntax(node, error)
            return None
        found: Type | None = None
        good = True
        for part in parts:
            found = self._tree(node, part.tree, part.offset, key, script=script)
            good = good and found is not None
            if embedded and found is not None and kind_of(found) in _COMPOUND:
                at = self._locator.place(node, node.value.rfind("${{", 0, part.offset))
                hint = "make a text of it with `toJSON`, or take one of its values"
                message = f"{described(found)} can't be part of a text"
                self._report.add("not-a-text", message, at, hint=hint, rule=EXPRESSIONS)
        return found if good else None

    def _syntax(self, node: yaml.Scalar, error: ExpressionError) -> None:
        at = self._locator.place(node, error.offset)
        message = error.message.partition(" Located at position")[0].rstrip(".")
        self._report.add("bad-expression", f"the expression can't be read: {message}", at, rule=EXPRESSIONS)

    def _tree(self, node: yaml.Scalar, tree: Tree, offset: int, key: str, *, script: bool) -> Type | None:
        checker = Checker(self._contexts, _available(key))
        found = checker.type(tree.root)
        for problem in checker.problems:
            at = self._locator.place(node, offset + problem.offset)
            rule = _AVAILABILITY if problem.code.endswith("-not-here") else EXPRESSIONS
            self._report.add(problem.code, problem.message, at, hint=problem.hint, rule=rule)
        if script:
            self._untrusted(node, tree, offset)
        return None if checker.problems else found

    def _untrusted(self, node: yaml.Scalar, tree: Tree, offset: int) -> None:
        for part, paths in untrusted(tree.root):
            message = f"anyone can choose {listed(paths)}, and what it says becomes part of the script"
            hint = "hand it over in a variable under `env`"
            at = self._locator.place(node, offset + start(part))
            self._report.add("untrusted-input", message, at, hint=hint, rule=SECURITY)

    def _condition(self, node: yaml.Scalar | None, key: str) -> None:
        """An `if`: without `${{ }}` the whole text is an expression."""
        if node is None:
            return
        if has_expression(node.value):
            self._value(node, key)
        else:
            try:
                self._tree(node, parse(node.value), 0, key, script=False)
            except ExpressionError as error:
                self._syntax(node, error)
        constant(node, self._report)


_TYPE = yaml.Scalar("type", Position())


def _available(key: str) -> Available:
    return AVAILABLE[key] if key else EVERYTHING


def _is_insert(name: str) -> bool:
    """`${{ insert }}` as a key: the pairs of the object under it are put here."""
    return is_expression(name) and name.strip()[3:-2].strip().lower() == "insert"


def _assignable(wanted: Type, given: Type) -> bool:
    """Whether an input of the type `wanted` takes a value of the type `given`; texts take anything single."""
    kind = kind_of(given)
    if wanted in (ANY, given) or kind is Kind.ANY:
        return True
    return wanted == TEXT and kind in (Kind.NUMBER, Kind.BOOLEAN, Kind.NULL)
