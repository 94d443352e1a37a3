"""What a step says to the service by what it prints: workflow commands and problem matchers."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from understudy.dialects.base import Annotation, Effects, EvaluationError, Scope
from understudy.dialects.github import matchers
from understudy.dialects.github.annotations import LEVELS, from_command, shown
from understudy.dialects.github.command_files import BLOCKED
from understudy.dialects.github.command_lines import Command, parse

PAGE = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands"

MATCHERS = "UNDERSTUDY_MATCHERS"
"""The variable that hands problem matchers on to the later steps of a job; on the service the runner remembers them."""

_UNSAFE_COMMANDS = "ACTIONS_ALLOW_UNSECURE_COMMANDS"
_UNSAFE_TOKENS = "ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"
_DEBUG = "ACTIONS_STEP_DEBUG"
_SIGNS = (b"::", b"##[")


def is_debugging(scope: Scope) -> bool:
    """Whether the user asked for what `::debug::` says, by a secret or variable `ACTIONS_STEP_DEBUG`.

    See https://docs.github.com/actions/how-tos/monitor-workflows/enable-debug-logging#enabling-step-debug-logging.
    """
    return "true" in (scope.secrets.get(_DEBUG), scope.facts.variables.get(_DEBUG))


class Listener:
    """The `Hearing` of one step's output. See PAGE for each command."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._workspace = scope.place.workdir if scope.place else ""
        self._debugging = is_debugging(scope)
        self._echo = self._debugging
        self._token = ""
        self._masks: list[str] = []
        self._env: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self._state: dict[str, str] = {}
        self._folders: list[str] = []
        self._annotations: list[Annotation] = []
        self._error = ""
        self._matchers = _inherited(scope.env.get(MATCHERS, ""))

    def wants(self, block: bytes) -> bool:
        """Only lines with a command's sign, unless there are matchers to compare all of them with."""
        return bool(self._matchers) or any(sign in block for sign in _SIGNS)

    def line(self, text: str) -> str | None:
        """See `Hearing`. A command is done, and what it shows takes its place; all else is compared with matchers."""
        text = text.removesuffix("\r")
        command = parse(text, self._knows) if "::" in text or "##[" in text else None
        if command is not None and self._token:
            if command.name == self._token:
                self._token = ""
                return text
        elif command is not None:
            return self._perform(command, text)
        return self._compare(text)

    def masks(self) -> tuple[str, ...]:
        """What `::add-mask::` has named so far, whole and line by line."""
        return tuple(self._masks)

    def effects(self) -> Effects:
        """What the commands have set and told."""
        return Effects(
            env=self._env,
            outputs=self._outputs,
            path=tuple(self._folders),
            masks=tuple(self._masks),
            annotations=tuple(self._annotations),
            state=self._state,
            error=self._error,
        )

    def _knows(self, name: str) -> bool:
        return name in self._performers or bool(self._token and name == self._token)

    def _compare(self, text: str) -> str:
        if not self._matchers:
            return text
        plain = matchers.uncoloured(text)
        found = matchers.heard(self._matchers, plain, self._workspace)
        if found is None:
            return text
        self._annotations.append(found)
        return f"{found.level.capitalize()}: {plain}"

    def _perform(self, command: Command, text: str) -> str | None:
        quiet = command.name in {*LEVELS, "debug", "add-mask", "stop-commands"}
        echoed = text if self._echo and not quiet else None
        try:
            told = self._performers[command.name](self, command, text)
        except EvaluationError as error:
            failed = f"`{'add-mask' if command.name == 'add-mask' else text.strip()}` can't be done: {error.message}"
            self._error = self._error or failed
            told = f"Error: {failed}"
        lines = [one for one in (echoed, told) if one is not None]
        return "\n".join(lines) if lines else None

    def _annotate(self, level: str, message: str, properties: Mapping[str, str] | None = None) -> str:
        annotation = from_command(level, message, properties or {}, self._workspace)
        self._annotations.append(annotation)
        return shown(annotation)

    def _do_group(self, command: Command, _text: str) -> str:
        return f"▸ {command.data}"

    def _do_endgroup(self, _command: Command, _text: str) -> None:
        """The lines after it stand as they are."""

    def _do_issue(self, command: Command, _text: str) -> str:
        return self._annotate(command.name, command.data, command.properties)

    def _do_debug(self, command: Command, _text: str) -> str | None:
        return f"Debug: {command.data}" if self._debugging else None

    def _do_echo(self, command: Command, _text: str) -> None:
        word = command.data.strip().lower()
        if word not in {"on", "off"}:
            raise EvaluationError(f"it takes `on` or `off`, not `{command.data}`")
        self._echo = word == "on"

    def _do_add_mask(self, command: Command, _text: str) -> str | None:
        if not command.data.strip():
            return self._annotate("warning", "`add-mask` hides nothing: its value is empty")
        lines = [line.strip() for line in command.data.replace("\r", "\n").split("\n")]
        self._masks += [one for one in dict.fromkeys((command.data, *lines)) if one and one not in self._masks]
        return "::add-mask::***" if self._echo else None

    def _do_stop(self, command: Command, text: str) -> str:
        token = command.data.lower()
        if (not token or token == "pause-logging" or self._knows(token)) and not self._allows(_UNSAFE_TOKENS):  # noqa: S105
            raise EvaluationError("its token must be a text of its own: neither empty nor the name of a command")
        self._token = token
        if len(token) > 6:  # so that nothing that is printed between can end it by chance
            self._masks.append(command.data)
        return text

    def _do_set_output(self, command: Command, _text: str) -> str:
        self._outputs[_name(command)] = command.data
        return self._deprecated(command, "GITHUB_OUTPUT")

    def _do_save_state(self, command: Command, _text: str) -> str:
        self._state[_name(command)] = command.data
        return self._deprecated(command, "GITHUB_STATE")

    def _do_set_env(self, command: Command, _text: str) -> str | None:
        self._check_enabled(command, "GITHUB_ENV")
        name = _name(command)
        if name.upper() in BLOCKED:
            return self._annotate("error", f"`{name}` can't be set by a command")
        self._env[name] = command.data
        return None

    def _do_add_path(self, command: Command, _text: str) -> None:
        self._check_enabled(command, "GITHUB_PATH")
        if not command.data:
            raise EvaluationError("it names no folder")
        self._folders = [command.data, *(one for one in self._folders if one != command.data)]

    def _do_add_matcher(self, command: Command, _text: str) -> str | None:
        if not command.data:
            return self._annotate("warning", "`add-matcher` names no file")
        self._keep(matchers.added(self._matchers, self._read(command.data)))
        return None

    def _do_remove_matcher(self, command: Command, _text: str) -> str | None:
        owner = command.properties.get("owner", "")
        if bool(owner) == bool(command.data):
            return self._annotate("warning", "`remove-matcher` takes an owner or a file, and one of them only")
        owners = [owner] if owner else [one.owner for one in self._read(command.data)]
        self._keep(matchers.removed(self._matchers, owners))
        return None

    def _read(self, path: str) -> tuple[matchers.Matcher, ...]:
        content = self._scope.read_file(path)
        if content is None:
            raise EvaluationError(f"there is no file `{path}`")
        return matchers.read(content)

    def _keep(self, now: tuple[matchers.Matcher, ...]) -> None:
        self._matchers = now
        self._env[MATCHERS] = matchers.kept(now)

    def _deprecated(self, command: Command, variable: str) -> str:
        return self._annotate("warning", f"`{command.name}` is deprecated: write to the file `${variable}` instead")

    def _check_enabled(self, command: Command, variable: str) -> None:
        """See https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/."""
        if not self._allows(_UNSAFE_COMMANDS):
            raise EvaluationError(f"the service has disabled `{command.name}`: write to the file `${variable}` instead")

    def _allows(self, variable: str) -> bool:
        return self._scope.env.get(variable, "").strip().lower() == "true"

    _performers: ClassVar[Mapping[str, Callable[["Listener", Command, str], str | None]]] = {
        "add-mask": _do_add_mask,
        "add-matcher": _do_add_matcher,
        "add-path": _do_add_path,
        "debug": _do_debug,
        "echo": _do_echo,
        "endgroup": _do_endgroup,
        "group": _do_group,
        "remove-matcher": _do_remove_matcher,
        "save-state": _do_save_state,
        "set-env": _do_set_env,
        "set-output": _do_set_output,
        "stop-commands": _do_stop,
        **dict.fromkeys(LEVELS, _do_issue),
    }


def _name(command: Command) -> str:
    name = command.properties.get("name", "")
    if not name:
        raise EvaluationError("it has no `name`")
    return name


def _inherited(text: str) -> tuple[matchers.Matcher, ...]:
    try:
        return matchers.read(text.encode()) if text else ()
    except EvaluationError:  # the step may have set the variable itself
        return ()
