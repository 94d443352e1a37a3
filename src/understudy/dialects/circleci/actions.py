"""Turns an expanded step into what the model knows: an action, its name, and when it is performed.

See https://circleci.com/docs/reference/configuration-reference/#steps.
"""

from collections.abc import Callable
from dataclasses import replace
from posixpath import normpath

from understudy.dialects.circleci.durations import duration_s
from understudy.dialects.circleci.executors import variables
from understudy.dialects.circleci.keys import LONGEST
from understudy.dialects.circleci.nodes import entries, is_null, strings, text_of, value_of
from understudy.dialects.circleci.notes import CONFIGURATION, did_you_mean
from understudy.dialects.notes import Notes
from understudy.model.pipeline import (
    ALWAYS,
    ON_FAILURE,
    ON_SUCCESS,
    Action,
    Checkout,
    Condition,
    Fetch,
    Kind,
    Publish,
    RestoreCache,
    SaveCache,
    Script,
    Step,
    Text,
    Use,
)
from understudy.text.yaml import Mapping, Node, Scalar, Sequence

NO_OUTPUT_TIMEOUT_S = 600.0
"""How long a step may be silent where it doesn't say. See #run there."""

_WHEN = {"always": ALWAYS, "on_success": ON_SUCCESS, "on_fail": ON_FAILURE}
_TEST_DATA = "https://circleci.com/docs/guides/test/collect-test-data/"
_NAMES = {
    "add_ssh_keys": "Installing additional ssh keys",
    "attach_workspace": "Attaching workspace",
    "checkout": "Checkout code",
    "install_signing_bundle": "Install signing bundle",
    "persist_to_workspace": "Persisting to workspace",
    "restore_cache": "Restoring Cache",
    "save_cache": "Saving Cache",
    "setup_remote_docker": "Setup a remote Docker engine",
    "store_artifacts": "Uploading artifacts",
    "store_test_results": "Uploading test results",
}
_ALWAYS = frozenset({"store_artifacts", "store_test_results"})
"""Performed even after a step has failed. See #the-when-attribute there."""


def as_text(node: Node | None) -> Text | None:
    """A scalar as the model holds it; None for an absent or empty one, and for what is no scalar."""
    if not isinstance(node, Scalar) or is_null(node):
        return None
    return Text(text_of(node), node.at)


def environment(node: Node | None) -> dict[str, Text]:
    """Names and values of an `environment` in any of its forms; what is no scalar is left out."""
    return {key.value: Text(text_of(value), value.at) for key, value in variables(node) if isinstance(value, Scalar)}


def flags_as_digits(node: Node | None) -> dict[str, Text]:
    """Names and values of a step's `environment`: there, true and false come out as 1 and 0.

    See https://circleci.com/docs/reference/reusing-config/#boolean and, for where it is so,
    https://github.com/circleci/circleci-docs/issues/5304.
    """
    digits = {key.value: str(int(value_of(value) is True)) for key, value in variables(node) if _is_flag(value)}
    return {name: replace(text, raw=digits.get(name, text.raw)) for name, text in environment(node).items()}


def _is_flag(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(value_of(node), bool)


def texts(node: Node | None) -> tuple[Text, ...]:
    """The texts of a value that may be one or a list of them."""
    return tuple(Text(text_of(item), item.at) for item in strings(node))


class Steps:
    """Reads the steps of one job."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._makers: dict[str, Callable[[Mapping, Scalar], Action | None]] = {
            "attach_workspace": self._attach,
            "checkout": lambda node, _: Checkout(as_text(node.get("path"))),
            "persist_to_workspace": self._persist,
            "restore_cache": self._restore,
            "save_cache": self._save,
            "store_artifacts": self._artifacts,
            "store_test_results": self._test_results,
        }

    def read(self, node: Node | None) -> tuple[Step, ...]:
        """The steps of `node`; their ids are their places in the job, which stay when one can't be read."""
        items = node.items if isinstance(node, Sequence) else ()
        found = (self._step(index, item) for index, item in enumerate(items))
        return tuple(step for step in found if step is not None)

    def _step(self, index: int, item: Node) -> Step | None:
        key, argument = (item, None) if isinstance(item, Scalar) else self._pair(item)
        if key is None:
            return None
        if key.value in {"run", "deploy"}:
            return self._run(index, key, argument)
        body = argument if isinstance(argument, Mapping) else Mapping((), key.at)
        maker = self._makers.get(key.value)
        action = maker(body, key) if maker else Use(Text(key.value, key.at), _inputs(argument))
        if action is None:
            return None
        name = as_text(body.get("name")) if maker else None
        step = Step(str(index), name or Text(_NAMES.get(key.value, key.value), key.at), key.at, action)
        when = ALWAYS if key.value in _ALWAYS else ON_SUCCESS
        return replace(step, when=self._when(body, when) if maker else when)

    def _pair(self, item: Node) -> tuple[Scalar | None, Node | None]:
        return item.pairs[0] if isinstance(item, Mapping) and item.pairs else (None, None)

    def _when(self, body: Mapping, otherwise: Condition) -> Condition:
        node = body.get("when")
        if not isinstance(node, Scalar) or is_null(node):
            return otherwise
        if node.value not in _WHEN:
            hint = did_you_mean(node.value, _WHEN)
            rule = CONFIGURATION + "#the-when-attribute"
            self._notes.error("when-value", f"`{node.value}` is no value of a step's `when`", node.at, hint, rule)
        return _WHEN.get(node.value, otherwise)

    def _missing(self, step: Scalar, key: str) -> None:
        rule = f"{CONFIGURATION}#{step.value.replace('_', '')}"
        self._notes.error("missing-key", f"`{step.value}` needs `{key}`", step.at, rule=rule)

    def _run(self, index: int, key: Scalar, argument: Node | None) -> Step | None:
        body = argument if isinstance(argument, Mapping) else Mapping((), key.at)
        command = argument if isinstance(argument, Scalar) else body.get("command")
        if not isinstance(command, Scalar) or is_null(command):
            self._missing(key, "command")
            return None
        script = Text(text_of(command), command.at)
        first = next((line.strip() for line in script.raw.splitlines() if line.strip()), key.value)
        return Step(
            str(index),
            as_text(body.get("name")) or Text(first, command.at),
            key.at,
            Script(script, as_text(body.get("shell"))),
            env=flags_as_digits(body.get("environment")),
            when=self._when(body, ON_SUCCESS),
            workdir=as_text(body.get("working_directory")),
            no_output_timeout_s=self._duration_s(body.get("no_output_timeout"), NO_OUTPUT_TIMEOUT_S),
            retries=self._retries(body),
            retry_delay_s=self._duration_s(body.get("auto_rerun_delay"), 0.0),
            background=value_of(body.get("background")) is True,
        )

    def _duration_s(self, node: Node | None, otherwise: float) -> float:
        if not isinstance(node, Scalar) or is_null(node):
            return otherwise
        seconds = duration_s(node.value)
        if seconds is None:
            hint = "write a number with a unit, as in `20m`, `1.25h` or `30s`"
            self._notes.error("duration", f"`{node.value}` is no duration", node.at, hint, CONFIGURATION + "#run")
        return otherwise if seconds is None else seconds

    def _retries(self, body: Mapping) -> int:
        value = value_of(body.get("max_auto_reruns"))
        return min(max(value, 0), 5) if isinstance(value, int) and not isinstance(value, bool) else 0

    def _attach(self, node: Mapping, step: Scalar) -> Action | None:
        at = as_text(node.get("at"))
        if at is None:
            self._missing(step, "at")
        return Fetch(Kind.WORKSPACE, at) if at else None

    def _persist(self, node: Mapping, step: Scalar) -> Action | None:
        root, paths = as_text(node.get("root")), texts(node.get("paths"))
        if root is None or not paths:
            self._missing(step, "root" if root is None else "paths")
            return None
        for path in paths:
            hint = "name what to hand over from `root` on, or set another `root`"
            self._inside(path, f"`{path.raw}` is not under the workspace's `root`", hint, "#persisttoworkspace")
        return Publish(Kind.WORKSPACE, paths, root)

    def _restore(self, node: Mapping, step: Scalar) -> Action | None:
        """`key` is tried before `keys`; a newer match goes before a more precise one. See #restorecache there."""
        keys = (*texts(node.get("key")), *texts(node.get("keys")))
        if not keys:
            self._missing(step, "key")
        for key in keys:
            self._named(key)
        return RestoreCache(keys, newest=True) if keys else None

    def _save(self, node: Mapping, step: Scalar) -> Action | None:
        key, paths = as_text(node.get("key")), texts(node.get("paths"))
        if key is None or not paths:
            self._missing(step, "key" if key is None else "paths")
            return None
        # https://circleci.com/docs/guides/optimize/caching/#saving-cache
        self._no_wildcards(paths, "save_cache", "#savecache")
        self._at_home(paths, "#savecache")
        self._named(key)
        return SaveCache(key, paths, literal=True)

    def _named(self, key: Text) -> None:
        """A key is a name: not too long, and no path, which means that it and the paths were mixed up."""
        if len(key.raw) > LONGEST and "{{" not in key.raw:
            message = f"the cache key `{key.raw[:40]}…` has {len(key.raw):,} characters, and {LONGEST} are the most"
            self._notes.error("key-too-long", message, key.at, "shorten it", CONFIGURATION + "#savecache")
        if key.raw.startswith(("/", "~", "./")) or ".." in key.raw.split("/"):
            hint = 'give the cache a name, as in `deps-v1-{{ checksum "requirements.txt" }}`; folders go to `paths`'
            message = f"the cache key `{key.raw[:60]}` is a path"
            self._notes.error("key-is-a-path", message, key.at, hint, CONFIGURATION + "#savecache")

    def _at_home(self, paths: tuple[Text, ...], rule: str) -> None:
        """A relative path begins in the working directory, a folder of the job's home: two steps up is out of both."""
        for path in paths:
            if _climbs(path.raw):
                hint = "name a folder below the working directory or `~`, or an absolute path"
                message = f"`{path.raw}` leads out of the job's home folder"
                self._notes.error("path-outside", message, path.at, hint, CONFIGURATION + rule)

    def _artifacts(self, node: Mapping, step: Scalar) -> Action | None:
        path = as_text(node.get("path"))
        if path is None:
            self._missing(step, "path")
            return None
        name = as_text(node.get("destination"))
        if name is not None:
            hint = "a destination is a path below the job's artifacts"
            place = Text(name.raw.lstrip("/"), name.at)
            self._inside(place, f"the destination `{name.raw}` leads out of the artifacts", hint, "#storeartifacts")
        self._no_wildcards((path,), "store_artifacts", "#storeartifacts")
        self._at_home((path,), "#storeartifacts")
        return Publish(Kind.ARTIFACT, (path,), name=name, literal=True)

    def _no_wildcards(self, paths: tuple[Text, ...], step: str, rule: str) -> None:
        """Told where a path holds a letter that hardly any file's name has."""
        for path in paths:
            if "*" in path.raw:
                message = f"`{step}` knows no wildcards: `{path.raw}` is looked for as it is written"
                hint = "name a folder, and put there before what you want"
                self._notes.warning("no-wildcards", message, path.at, hint, CONFIGURATION + rule)

    def _inside(self, path: Text, message: str, hint: str, rule: str) -> None:
        """What leads out of its place is told before anything runs; there it would be refused."""
        plain = normpath(path.raw)
        if plain == ".." or plain.startswith(("../", "/")):
            self._notes.error("path-outside", message, path.at, hint, CONFIGURATION + rule)

    def _test_results(self, node: Mapping, step: Scalar) -> Action | None:
        path = as_text(node.get("path"))
        if path is None:
            self._missing(step, "path")
            return None
        self._no_wildcards((path,), "store_test_results", "#storetestresults")
        if any(part.startswith(".") and part.strip(".") for part in path.raw.split("/")):
            message = f"the service takes no test results from a hidden folder, and `{path.raw}` is one"
            hint = "let the tests write to a folder whose name begins with no dot"
            self._notes.warning("hidden-folder", message, path.at, hint, _TEST_DATA)
        return Publish(Kind.TEST_RESULTS, (path,), literal=True)


def _climbs(path: str) -> bool:
    """Whether `path` leads by `..` out of the home of the job that it is written in."""
    if path.startswith("~/"):
        return f"{normpath(path[2:])}/".startswith("../")
    return f"{normpath(path)}/".startswith("../../")


def _inputs(argument: Node | None) -> dict[str, Text]:
    """What a service's own step is given: scalars as they are, lists by lines."""
    found: dict[str, Text] = {}
    for key, value in entries(argument):
        if isinstance(value, Scalar):
            found[key.value] = Text(text_of(value), value.at)
        elif isinstance(value, Sequence):
            found[key.value] = Text("\n".join(text_of(item) for item in strings(value)), value.at)
    return found
