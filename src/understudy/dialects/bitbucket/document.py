"""The normal form of a Bitbucket file: one way of saying it for each thing that can be said in several."""

from collections.abc import Callable, Mapping

from understudy.dialects.bitbucket.nodes import entries, flag, items, value_of
from understudy.dialects.bitbucket.sections import BY_NAME
from understudy.text import yaml
from understudy.text.shape import is_null

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_Form = Callable[[yaml.Node], Json]


def normalised(root: yaml.Node | None) -> Json:
    """The file `root` as plain values: aliases followed, what the service doesn't know left out.

    An image of which only the name is told is that name, caches and artifacts of which only paths are told are those.
    A flag that says what holds without it (`lfs: false`) is left out; a text stays the words of the file.
    """
    return _map(_FILE)(root) if isinstance(root, yaml.Mapping) else {}


def _text(node: yaml.Node) -> Json:
    return node.value if isinstance(node, yaml.Scalar) and not is_null(node) else None


def _scalar(node: yaml.Node) -> Json:
    return value_of(node)


def _on(node: yaml.Node) -> Json:
    """A flag that is off unless it is set."""
    return True if flag(node, otherwise=False) else None


def _off(node: yaml.Node) -> Json:
    """A flag that is on unless it is taken back: both are told."""
    return flag(node, otherwise=True)


def _list(form: _Form) -> _Form:
    """A list; a single thing is a list of it."""

    def of(node: yaml.Node) -> Json:
        listed = node.items if isinstance(node, yaml.Sequence) else (node,)
        return [made for item in listed if (made := form(item)) is not None]

    return of


def _map(forms: Mapping[str, _Form]) -> _Form:
    """A map of known keys. One of which nothing is left is still told."""

    def of(node: yaml.Node) -> Json:
        found = {key.value: forms[key.value](value) for key, value in entries(node) if key.value in forms}
        return {key: value for key, value in found.items() if value is not None}

    return of


def _named(form: _Form) -> _Form:
    """A map of names that the file chose."""

    def of(node: yaml.Node) -> Json:
        found = {key.value: form(value) for key, value in entries(node)}
        return {key: value for key, value in found.items() if value is not None}

    return of


def _short(key: str, form: _Form) -> _Form:
    """What a map comes to of which only `key` is told: the value of that."""

    def of(node: yaml.Node) -> Json:
        if isinstance(node, yaml.Scalar):
            return _text(node)
        made = form(node)
        return made[key] if isinstance(made, dict) and set(made) == {key} else made

    return of


_image = _short(
    "name",
    _map({
        "name": _text, "username": _text, "password": _text, "email": _text, "run-as-user": _scalar,
        "aws": _map({"access-key": _text, "secret-key": _text, "oidc-role": _text}),
    }),
)  # fmt: skip
_clone = _map({
    "depth": _scalar, "enabled": _off, "lfs": _on, "skip-ssl-verify": _on, "strategy": _text,
    "sparse-checkout": _map({"enabled": _off, "cone-mode": _off, "patterns": _list(_text)}),
})  # fmt: skip
_runtime = _map({"cloud": _map({"version": _text, "atlassian-ip-ranges": _on, "arch": _text})})
_variables = _named(_text)
_service = _map({"image": _image, "memory": _scalar, "type": _text, "variables": _variables})
_cache = _short("path", _map({"path": _text, "key": _map({"files": _list(_text)})}))
_upload = _map({
    "name": _text, "type": _text, "paths": _list(_text), "ignore-paths": _list(_text), "depth": _scalar,
    "capture-on": _text,
})  # fmt: skip
_artifacts_map = _short(
    "paths",
    _map({
        "download": lambda node: _list(_text)(node) if isinstance(node, yaml.Sequence) else _off(node),
        "paths": _list(_text), "upload": _list(_upload), "input": _list(_text), "output": _list(_text),
    }),
)  # fmt: skip


def _artifacts(node: yaml.Node) -> Json:
    if isinstance(node, yaml.Sequence):
        return [_upload(item) if isinstance(item, yaml.Mapping) else _text(item) for item in node.items]
    return _artifacts_map(node)


def _listed(node: yaml.Node) -> Json:
    return [_text(item) for item in node.items] if isinstance(node, yaml.Sequence) else _text(node)


_pipe = _map({"pipe": _text, "name": _text, "variables": _named(_listed)})


def _command(node: yaml.Node) -> Json:
    return _pipe(node) if isinstance(node, yaml.Mapping) else _text(node)


_condition = _map({
    "changesets": _map({"includePaths": _list(_text), "excludePaths": _list(_text)}), "state": _text,
})  # fmt: skip
_on_fail = _map({"strategy": _text, "max-retry-count": _scalar, "maxRetryCount": _scalar})
_step = _map({
    "name": _text, "image": _image, "size": _text, "script": _list(_command), "after-script": _list(_command),
    "caches": _list(_text), "services": _list(_text), "artifacts": _artifacts, "trigger": _text,
    "deployment": _text, "environment": _text, "condition": _condition, "max-time": _scalar, "clone": _clone,
    "oidc": _on, "runs-on": _list(_text), "runtime": _runtime, "fail-fast": _on, "on-fail": _on_fail,
    "output-variables": _list(_text), "input-variables": _variables, "type": _text, "custom": _text,
    "concurrency-group": _text,
})  # fmt: skip
_steps = _list(_map({"step": _step}))
_parallel_map = _map({"steps": _steps, "fail-fast": _on})


def _parallel(node: yaml.Node) -> Json:
    return {"steps": _steps(node)} if isinstance(node, yaml.Sequence) else _parallel_map(node)


_stage = _map({
    "name": _text, "steps": _steps, "deployment": _text, "environment": _text, "trigger": _text,
    "condition": _condition, "on-fail": _on_fail, "concurrency-group": _text,
})  # fmt: skip
_variable = _map({"name": _text, "default": _text, "description": _text, "allowed-values": _list(_text)})
_item = _map({"step": _step, "parallel": _parallel, "stage": _stage, "final": _step, "variables": _list(_variable)})


def _pipeline(node: yaml.Node) -> Json:
    if isinstance(node, yaml.Mapping):
        return _map({"import": _text, "destinations": _named(_pipeline)})(node)
    return [_item(item) for item in items(node)]


_FILE: Mapping[str, _Form] = {
    "image": _image,
    "options": _map({"docker": _on, "max-time": _scalar, "size": _text, "runtime": _runtime}),
    "clone": _clone,
    "export": _on,
    "definitions": _map({
        "caches": _named(_cache), "services": _named(_service), "pipelines": _named(_pipeline),
        "imports": _named(_text),
    }),
    "pipelines": _map({"default": _pipeline, **dict.fromkeys(BY_NAME, _named(_pipeline))}),
}  # fmt: skip
