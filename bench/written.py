"""The files that benchmarks perform, written anew each time."""

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

MACHINE = "    machine: true\n"


def config(jobs: Iterable[tuple[str, Sequence[str], Sequence[str]]]) -> str:
    """A CircleCI file of `jobs`: name, commands, names of the jobs it requires."""
    jobs = tuple(jobs)
    lines = ["version: 2.1\n", "jobs:\n"]
    for name, commands, _ in jobs:
        lines += [f"  {name}:\n", MACHINE, "    steps:\n", *(f"      - run: {command}\n" for command in commands)]
    lines += ["workflows:\n", "  bench:\n", "    jobs:\n"]
    for name, _, needs in jobs:
        lines.append(f"      - {name}:\n          requires: [{', '.join(needs)}]\n" if needs else f"      - {name}\n")
    return "".join(lines)


def committed(root: Path, files: Mapping[str, str], *, origin: str = "") -> Path:
    """Makes `root` a git repository with `files`, by path, committed on `main`; `origin`: where it was cloned from."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "init.defaultBranch=main")
    remote = [("remote", "add", "origin", origin)] if origin else []
    for arguments in (("init", "-q"), *remote, ("add", "-A"), ("commit", "-q", "-m", "bench")):
        subprocess.run((*git, *arguments), cwd=root, check=True)
    return root


def layered(count: int, width: int) -> Iterable[tuple[str, Sequence[str], Sequence[str]]]:
    """`count` jobs in layers of `width`, each of which requires two jobs of the layer before."""
    for index in range(count):
        above = index - width
        needs = tuple(f"job-{one}" for one in (above, above + 1) if one >= 0) if above >= 0 else ()
        yield f"job-{index}", ("echo hello",), needs


def like_parlai() -> str:
    """A file as long and as varied as ParlAI's: executors, commands with caches, a dozen jobs with filters."""
    executors = "".join(
        f"  e{n}:\n    docker: [{{image: 'cimg/python:3.{n}'}}]\n    environment: {{A: '1', B: two}}\n"
        "    resource_class: large\n"
        for n in range(8, 12)
    )
    commands = "".join(
        f"  c{n}:\n    parameters: {{more: {{type: string, default: ''}}}}\n    steps:\n"
        "      - restore_cache: {keys: ['deps-{{ checksum \"setup.py\" }}', deps-]}\n"
        "      - run: {name: install, command: 'pip install << parameters.more >> .'}\n"
        "      - save_cache: {key: 'deps-{{ checksum \"setup.py\" }}', paths: [~/venv]}\n"
        for n in range(20)
    )
    jobs = "".join(
        f"  j{n}:\n    executor: e{8 + n % 4}\n    parallelism: 2\n    steps:\n      - checkout\n"
        + "".join(f"      - c{(n + k) % 20}: {{more: 'a b'}}\n" for k in range(8))
        + "      - run: {name: test, command: pytest, no_output_timeout: 60m}\n      - store_artifacts: {path: out}\n"
        for n in range(12)
    )
    entries = "".join(f"      - j{n}:\n          filters: {{branches: {{ignore: /gh-.*/}}}}\n" for n in range(12))
    body = f"executors:\n{executors}commands:\n{commands}jobs:\n{jobs}"
    return f"version: 2.1\n{body}workflows:\n  all:\n    jobs:\n{entries}"
