"""Whether a job talks to a container engine, by what its steps say."""

import re

from understudy.model.layout import every_step
from understudy.model.pipeline import Action, Job, Script, Use

ENGINES = frozenset({"setup_remote_docker", "service docker"})
"""What services call a container engine that they give to a job."""

_PROGRAMS = re.compile(
    r"command -v (?:docker|podman)\b|(?:^|[\s;&|(`])(?:docker|podman)(?:-compose\s|\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*"
    r"(?:build|buildx|compose|container|cp|create|exec|image|images|info|inspect|kill|load|logs|manifest|network|port|"
    r"ps|pull|push|rm|rmi|run|save|start|stop|system|tag|version|volume|wait)\b)",
    re.MULTILINE,
)


def wants_engine(job: Job) -> bool:
    """Whether `job` uses what its service calls an engine, or any script of its steps calls a client's commands."""
    return any(_wants(one.step.action) for one in every_step(job))


def _wants(action: Action) -> bool:
    match action:
        case Use(ref=ref):
            return "docker" in ref.raw
        case Script(body=body):
            lines = (line for line in body.raw.splitlines() if not line.lstrip().startswith("#"))
            return _PROGRAMS.search("\n".join(lines)) is not None
        case _:
            return False
