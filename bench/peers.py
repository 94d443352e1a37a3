"""The same work done by other programs that run CI files here: one small job, and one of many steps, in one image.

Each is looked for on PATH and left out, by name, where it isn't there. Images that they need besides are the user's to
provide: `docs/benchmarks.md` tells which.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from measure import Bench, Row, Skipped, in_turns
from written import MACHINE, committed, config

IMAGE = "understudy-test/root"
ORIGIN = "git@bitbucket.org:bench/bench.git"
STEPS = 20
ROUNDS = 3


@dataclass(frozen=True)
class Peer:
    """A program: its `command` in a repository with `files` for a number of steps. `version`: what says it.

    `apart`: each of its steps is a process of its own, as on its service.
    """

    name: str
    command: tuple[str, ...]
    version: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    repeated: str = ""
    apart: bool = True

    def written(self, steps: int) -> dict[str, str]:
        """The files of a repository whose job has so many steps of `true`."""
        return {path: text.replace("STEPS", self.repeated * steps) for path, text in self.files.items()}


PEERS = (
    Peer(
        "act",
        ("act", "--pull=false", "--quiet", "-P", f"ubuntu-latest={IMAGE}", "push"),
        ("act", "--version"),
        {".github/workflows/w.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\nSTEPS"},
        '      - run: "true"\n',
    ),
    Peer(
        "woodpecker exec",
        ("woodpecker", "exec", "--local", "--backend-engine", "docker", "--repo-path", ".", ".woodpecker.yaml"),
        ("woodpecker", "--version"),
        {".woodpecker.yaml": "when: {event: [push, manual]}\nsteps:\nSTEPS"},
        f'  - {{name: step, image: {IMAGE}, commands: ["true"]}}\n',
    ),
    Peer(
        "gitlab-ci-local",
        ("gitlab-ci-local", "--pull-policy", "if-not-present", "a"),
        ("gitlab-ci-local", "--version"),
        {".gitlab-ci.yml": f"a:\n  image: {IMAGE}\n  script:\nSTEPS"},
        '    - "true"\n',
        apart=False,
    ),
    Peer(
        "bitbucket-pipeline-runner",
        ("pipeline-runner", "run", "default"),
        ("pipeline-runner", "--version"),
        {"bitbucket-pipelines.yml": f"image: {IMAGE}\npipelines:\n  default:\n    - step:\n        script:\nSTEPS"},
        '          - "true"\n',
        apart=False,
    ),
)


def peers(bench: Bench) -> Sequence[Row | Skipped]:
    """Seconds of a small job and of one of many steps: ours in Docker, then each peer's, all taking turns."""
    if not has_image():
        return [Skipped("other programs", "no Docker, or its image isn't made: scripts/test-images")]
    rows: list[Row | Skipped] = []
    for peer in PEERS:
        if shutil.which(peer.command[0]) is None:
            rows.append(Skipped(peer.name, f"`{peer.command[0]}` isn't on PATH"))
        else:
            rows += _beside(peer, bench)
    return rows


def _beside(peer: Peer, bench: Bench) -> list[Row | Skipped]:
    ours = ("run", "--runtime", "docker", "--quiet")
    found: list[Row | Skipped] = []
    for steps, what in ((1, "a job of one `true` step"), (STEPS, f"a job of {STEPS} `true` steps")):
        us = bench.repository("ours", _ours(steps))
        them = committed(bench.new_folder("theirs"), peer.written(steps), origin=ORIGIN)
        try:
            mine, theirs = in_turns(
                ROUNDS,
                lambda us=us: bench.perform(bench.understudy(*ours), us).seconds,  # type: ignore[misc]
                lambda them=them: bench.perform(peer.command, them).seconds,  # type: ignore[misc]
            )
        except RuntimeError as error:
            return [Skipped(f"{peer.name} ({version_of(peer.version)})", str(error).splitlines()[-1][:200])]
        note = f"{mine:.2f} s; {peer.name} {version_of(peer.version)} {theirs:.2f} s"
        if not peer.apart and steps > 1:
            note += ", in one shell for all of them"
        found.append(Row(f"{what}, in that of {peer.name}", mine / theirs, "x", 1, note=note))
    return found


def _ours(steps: int) -> str:
    """The same job as a CircleCI file."""
    return config([("build", ["'true'"] * steps, ())]).replace(MACHINE, f"    docker: [{{image: {IMAGE}}}]\n")


def has_image() -> bool:
    """Whether Docker is here, and has the image."""
    return not subprocess.run(("docker", "image", "inspect", IMAGE), capture_output=True, check=False).returncode


def version_of(command: Sequence[str]) -> str:
    """The version in what `command` says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).split()
    return next((word.strip(",") for word in words if word[:1].isdigit() or word[:2] in {"v0", "v1"}), "of no version")
