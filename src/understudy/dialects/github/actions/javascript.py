"""JavaScript actions: their scripts become steps that run the room's Node on the action's files."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from understudy.dialects.github.actions.laid import origin
from understudy.dialects.github.actions.metadata import JavaScript
from understudy.dialects.github.actions.reference import Local, Remote
from understudy.dialects.github.actions.resolved import SH, bare, named, when
from understudy.model.pipeline import Script, Step, Text

_IN_A_SHELL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_BODY = """\
node=$(command -v node) || for one in "$HOME"/.understudy/node/*/bin/node; do
  ! "$one" --version >/dev/null 2>&1 || node=$one
done
[ "$node" ] || {
  echo "This action needs Node ($using), and there is no \\`node\\` on the PATH of this room." >&2
  echo "None that works here is kept either: with a network Understudy fetches one. Or use an image that has Node." >&2
  exit 127
}
[ -f "$folder/$script" ] || {
  echo "The action's file $script is not in $folder." >&2
  exit 1
}
cd "${GITHUB_WORKSPACE:-.}"
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A use of a JavaScript action: its step, its scripts, where they lie, and the inputs with their defaults."""

    step: Step
    runs: JavaScript
    place: Local | Remote
    inputs: Mapping[str, Text]

    def steps(self) -> tuple[Step, tuple[Step, ...]]:
        """The step that performs it, with its `post` after the job; and its `pre`, for the start of the job.

        A local action has no `pre`: at that time its files are not there yet. See
        https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-javascript-actions.
        """
        runs = self.runs
        main = self._step(runs.main, self.step.name)
        if runs.post is not None:
            post = replace(bare(self._step(runs.post, named(self.step, "Post"))), when=when(runs.post_if))
            main = replace(main, after_job=(post,))
        if runs.pre is None or isinstance(self.place, Local):
            return main, ()
        return main, (replace(bare(self._step(runs.pre, named(self.step, "Pre"))), when=when(runs.pre_if)),)

    def _step(self, script: Text, name: Text) -> Step:
        env, carried = variables(self.inputs)
        body = f'{self._head(script)}{_BODY}exec {_with(carried)}"$node" "$folder/$script"\n'
        action = Script(Text(body, self.step.at), SH)
        return replace(
            self.step, name=name, action=action, env={**self.step.env, **env, **origin(self.place, self.step.at)}
        )

    def _head(self, script: Text) -> str:
        folder = shlex.quote(self.place.folder)
        if isinstance(self.place, Remote):
            folder = '"$HOME"' + shlex.quote(self.place.folder.removeprefix("~"))
        elif self.place.path:
            folder = f'"${{GITHUB_WORKSPACE:-.}}"/{shlex.quote(self.place.path)}'
        else:
            folder = '"${GITHUB_WORKSPACE:-.}"'
        return f"folder={folder}\nscript={shlex.quote(script.raw)}\nusing={shlex.quote(self.runs.using)}\n"


def is_performed_by(step: Step) -> bool:
    """Whether `step` is a script of a JavaScript action."""
    return isinstance(step.action, Script) and _BODY in step.action.body.raw


def variables(inputs: Mapping[str, Text]) -> tuple[dict[str, Text], dict[str, str]]:
    """The variables of `inputs`; and, for names that no shell hands on, what each is carried in instead.

    `INPUT_`, and the name in capitals with `_` for spaces. See
    https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs.
    """
    env: dict[str, Text] = {}
    carried: dict[str, str] = {}
    for name, text in inputs.items():
        variable = f"INPUT_{name.replace(' ', '_').upper()}"
        if _IN_A_SHELL.fullmatch(variable):
            env[variable] = text
        else:
            carrier = f"UNDERSTUDY_INPUT_{len(carried) + 1}"
            env[carrier] = text
            carried[variable] = carrier
    return env, carried


def _with(carried: Mapping[str, str]) -> str:
    if not carried:
        return ""
    pairs = " ".join(f'{shlex.quote(name)}="${{{carrier}}}"' for name, carrier in carried.items())
    return f"env {pairs} "
