"""What a job's texts see and its processes are given: secrets, environment, scopes; steps add to them."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from understudy.dialects.base import Effects, Scope
from understudy.engine.environment import compose, evaluated, secrets_of, with_tools
from understudy.engine.frame import Frame
from understudy.engine.furnish import furnish
from understudy.engine.run import Run, scope_before
from understudy.engine.steps import reader
from understudy.engine.stop import JobStop
from understudy.model.pipeline import Step, Text
from understudy.model.results import Outcome
from understudy.plan.plan import Node
from understudy.runtimes.base import Room


@dataclass(frozen=True, slots=True)
class Dressed:
    """A step's environment, whole and as the step itself says, and its scope."""

    env: Mapping[str, str]
    own: Mapping[str, str]
    scope: Scope


class Surroundings:
    """Made for one job. Background steps may read what the job's own thread changes."""

    def __init__(self, run: Run, node: Node, stop: JobStop) -> None:
        self.secrets = run.secrets
        self.before = scope_before(run, node)
        self._run = run
        self._job = node.job
        self._key = node.key
        self._dialect = run.given.dialect
        self._stop = stop
        self._env: Mapping[str, str] = {}
        self._written: Mapping[str, str] = {}
        self._added: dict[str, str] = {}
        self._folders: tuple[str, ...] = ()
        self._tools = ""
        self._lock = threading.Lock()

    def early(self, text: Text, env: Mapping[str, str] | None = None) -> str:
        """The value of `text` before the first step, under `env`. Raises EvaluationError."""
        return self._dialect.evaluate(text, replace(self.before, env=env or {}))

    def settle_in(self, room: Room) -> None:
        """Puts the service's tools into `room` and works the environment out. Raises EvaluationError, RoomError."""
        given, job = self._run.given, self._job
        place = self.before.place
        assert place is not None
        place = replace(place, workdir=room.workdir, home=room.home)
        self.before = replace(self.before, place=place, read_file=reader(room))
        tools = self._dialect.furnish(job, self.before, self._run.times.of(given, self._key))
        furnish(room, (*tools, *given.lends(job, room.home)))
        predefined = self._dialect.predefined(self.before.facts, job, place)
        secrets = secrets_of(job, given, self.early)
        self.before = replace(self.before, secrets=secrets)
        handed = secrets if self._dialect.TRAITS.secrets_are_variables else {}
        pipeline = self.before.pipeline
        assert pipeline is not None
        self._env, self._written = compose((room.env, given.env, handed, predefined), job, pipeline, self.early)
        self._tools = room.tools

    def scope(self, frame: Frame, env: Mapping[str, str] | None = None, identity: str = "") -> Scope:
        """What a text sees now among the steps of `frame`; `identity`: of its step."""
        states = dict(frame.states)  # at once: background steps end meanwhile
        return replace(
            self.before,
            env=self.env(frame) if env is None else env,
            written={**self._written, **self._added, **frame.env},
            status=Outcome.CANCELLED if self._stop.stage else frame.status,
            now=self._run.given.clock(),
            outputs={one: state.outputs for one, state in states.items()},
            steps=states,
            group=frame.group,
            inputs=frame.inputs,
            state=dict(frame.kept.get(frame.owner or identity, {})),
        )

    def env(self, frame: Frame) -> dict[str, str]:
        """The variables of every step of `frame`."""
        return {**self._env, **self._added, **frame.env}

    def dress(self, frame: Frame, step: Step) -> Dressed:
        """The environment and the scope of `step`. Raises EvaluationError."""
        around = self.env(frame)
        seen = self.scope(frame, around, step.id)
        own = evaluated(step.env, around, lambda text, _env: self._dialect.evaluate(text, seen))
        env = with_tools(around | own, self._tools, self._folders)
        return Dressed(env, own, replace(seen, env=env, written={**seen.written, **own}))

    def absorb(self, frame: Frame, step: Step, effects: Effects) -> None:
        """What a step that has ended leaves for those after it."""
        with self._lock:
            self._added |= effects.env
            self._folders = (*effects.path, *self._folders)
            frame.keep(step.id, effects.state)
        self.hide(effects.masks)

    def hide(self, values: Iterable[str]) -> None:
        """Hides `values` too, from now on."""
        with self._lock:
            self.secrets = self.secrets.also(values)
