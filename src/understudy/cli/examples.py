"""What `--help` of each command shows for examples."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "understudy": (
        ("understudy", "what is here, and what to type next"),
        ("understudy plan", "what a push of this branch would start, and why"),
        ("understudy run", "perform it"),
        ("understudy logs", "what the newest run printed"),
    ),
    "run": (
        ("understudy run", "everything a push of this branch would start"),
        ("understudy run sanity -j unit-tests", "one job and the jobs it requires"),
        ("understudy run sanity -j tests -e docker-cpu", "only the cells on that executor"),
        ("understudy run --event tag --tag v1.2.0", "as if that tag had been pushed"),
        ("understudy run deploy --approve hold", "with an approval given in advance"),
        ("understudy run --json | jq -r .class", "every event, as it happens"),
    ),
    "plan": (
        ("understudy plan", "what a push of this branch would start, and why"),
        ("understudy plan --branch main", "the same for main"),
        ("understudy plan nightly --graph", "a workflow's graph"),
        ("understudy plan --mermaid", "for a README or a pull request"),
    ),
    "check": (
        ("understudy check", "the repository's CI file"),
        ("understudy check other/config.yml", "another file of the repository"),
        ("understudy check --json", "for an editor"),
    ),
    "runs": (
        ("understudy runs", "the newest runs of this repository"),
        ("understudy runs --all -n 100", "of every repository"),
    ),
    "show": (
        ("understudy show", "the newest run"),
        ("understudy show 7f3a", "the run whose id begins so"),
        ("understudy show 7f3a --json", "its events, one a line"),
    ),
    "logs": (
        ("understudy logs", "everything the newest run printed"),
        ("understudy logs 7f3a unit-tests", "one job of a run"),
        ("understudy logs 7f3a 'test-*' --step 4", "the fourth step of several jobs"),
        ("understudy logs --follow", "as it is printed, until the run ends"),
    ),
    "artifacts": (
        ("understudy artifacts", "those of the newest run"),
        ("understudy artifacts 7f3a -o out", "copy them to out/JOB/"),
    ),
    "cache": (
        ("understudy cache ls", "what is kept for this repository"),
        ("understudy cache rm 'v1-deps-*'", "forget some"),
        ("understudy cache gc --keep 2", "free space, down to 2 GiB"),
    ),
    "ls": (("understudy cache ls --all", "of every repository"),),
    "rm": (("understudy cache rm 'v1-deps-*'", "every key that begins so"),),
    "gc": (("understudy cache gc --keep 2", "down to 2 GiB, the least lately used first"),),
    "images": (("understudy images", "which image each name of the file means here"),),
    "doctor": (("understudy doctor", "what works here, and what to install for the rest"),),
    "clean": (("understudy clean", "after a power cut or `kill -9`; `run` does so by itself"),),
    "completion": (
        ("understudy completion bash > ~/.local/share/bash-completion/completions/understudy", ""),
        ('understudy completion zsh > "${fpath[1]}/_understudy"', ""),
    ),
    "orbs": (
        ("understudy orbs", "those the file needs, and where they are"),
        ("understudy orbs add", "all that are missing, from the registry"),
        ("understudy orbs add circleci/node@5", "one of them"),
        ("understudy orbs add acme/ci@1.0.0 --from orb.yml", "a private one, from its source"),
    ),
    "actions": (
        ("understudy actions", "those the workflows use, and where they are"),
        ("understudy actions add", "fetch all that are missing, and pin them"),
    ),
    "actions add": (
        ("understudy actions add", "all that the workflows need from elsewhere"),
        ("understudy actions add owner/repository@v1", "one of them"),
    ),
    "orbs add": (
        ("understudy orbs add", "all that are missing, from the registry"),
        ("understudy orbs add acme/ci@1.0.0 --from orb.yml", "a private one, from its source"),
    ),
}  # fmt: skip


def epilog(name: str) -> str:
    """The examples of a command in two columns; empty where it has none."""
    rows = EXAMPLES.get(name, ())
    column = max((len(command) for command, what in rows if what), default=0)
    lines = (f"  {command:<{column}}  {what}".rstrip() for command, what in rows)
    return "\n".join(("examples:", *lines)) if rows else ""
