"""What the shape of a CircleCI file gets wrong, by the configuration reference; and nothing on good files.

Rules: https://circleci.com/docs/reference/configuration-reference/ and, for parameters,
https://circleci.com/docs/reference/reusing-config/.
"""

from pathlib import Path
from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.dialects.circleci.structure import check
from understudy.findings import Finding, Severity
from understudy.text import yaml


def findings(text: str) -> tuple[Finding, ...]:
    loaded = yaml.load(text, "config.yml")
    assert not loaded.findings
    return check(loaded.root, "config.yml")


def seen(text: str) -> list[str]:
    """`line:column code`, warnings with a `?` behind."""
    marks = {Severity.ERROR: "", Severity.WARNING: "?"}
    return [f"{one.at.line}:{one.at.column} {one.code}{marks[one.severity]}" for one in findings(text)]


def job(body: str) -> str:
    """A file whose job `build` has `body`, which starts in line 4 and column 5."""
    return "version: 2.1\njobs:\n  build:\n" + indent(dedent(body), "    ")


def step(body: str) -> str:
    """A file whose only step is `body`, which starts in line 7 and column 9."""
    return (
        job("docker:\n  - image: cimg/base:2024.12\nsteps:\n") + "      - " + indent(dedent(body), "        ").lstrip()
    )


def workflow(body: str) -> str:
    """A file whose workflow `w` has `body`, which starts in line 7 and column 5."""
    head = "version: 2.1\njobs:\n  a: {type: no-op}\n  b: {type: no-op}\nworkflows:\n  w:\n"
    return head + indent(dedent(body), "    ")


def entry(body: str) -> str:
    """A file that starts the job `a` with `body`, which starts in line 9 and column 11."""
    return workflow("jobs:\n  - a:\n" + indent(dedent(body), "      "))


SOUND = [
    job("docker: [{image: 'cimg/base:1'}]\nsteps: [checkout]\n"),
    job("docker: [{image: 'redis@sha256:" + "5" * 64 + "'}]\nsteps: [checkout]\n"),
    job("docker: [{image: 'cimg/node:<< parameters.v >>'}]\nparameters: {v: {type: string}}\nsteps: [checkout]\n"),
    job("docker: [{image: a, auth: {username: u, password: $P}, command: [x], entrypoint: x}]\nsteps: [checkout]\n"),
    job("docker: [{image: a, aws_auth: {oidc_role_arn: x}, environment: {A: 1, B: true, C: }}]\nsteps: [checkout]\n"),
    job("docker: [{image: a, gcp_auth: {oidc_service_account: x}}]\nsteps: [checkout]\n"),
    job("machine: true\nsteps: [checkout]\n"),
    job("machine: {image: 'ubuntu-2204:current', docker_layer_caching: true}\nsteps: [checkout]\n"),
    job("docker: [{image: a}]\nresource_class: 2xlarge+\nsteps: [checkout]\n"),
    job("docker: [{image: a}]\nresource_class: medium.gen2\nsteps: [checkout]\n"),
    job("docker: [{image: a}]\nresource_class: << parameters.size >>\nsteps: [checkout]\n"),
    job("machine: {image: 'windows-server-2022-gui:current'}\nresource_class: windows.large\nsteps: [checkout]\n"),
    job("machine: {resource_class: hello/world}\nsteps: [checkout]\n"),
    job("macos: {xcode: 15.4.0}\nresource_class: m4pro.medium\nsteps: [checkout]\n"),
    job("executor: {name: e, size: 1}\nsteps: [checkout]\n"),
    job("executor: e\nsteps: << parameters.s >>\nparameters: {s: {type: steps, default: []}}\n"),
    job("executor: e\nparallelism: << parameters.n >>\nparameters: {n: {type: integer}}\nsteps: [checkout]\n"),
    job('executor: e\nparallelism: << pipeline.git.branch == "main" and 10 or 1 >>\nsteps: [checkout]\n'),
    job("executor: e\ncircleci_ip_ranges: true\nretention: {caches: 30d}\nsteps: [checkout]\n"),
    job("executor: e\nenvironment: [A=1, B: 2]\nshell: [bash, -e]\nsteps: [checkout]\n"),
    job("executor: e\nenvironment: TOX=<< parameters.t >>\nsteps: [checkout]\n"),
    job("type: approval\nsteps: ignored\n"),
    job("type: no-op\n"),
    job("type: release\nplan_name: p\n"),
    job("type: lock\nkey: k\n"),
    job("type: unlock\nkey: k\nmore: 1\n"),
    step("run: make"),
    step("run: {command: make, name: 3, when: always, background: true, no_output_timeout: 1.25h, shell: sh}"),
    step("run: {command: make, max_auto_reruns: 5, auto_rerun_delay: 10m}"),
    step("checkout: {path: x, method: full}"),
    step("checkout"),
    step("checkout:"),
    step("setup_remote_docker: {version: default, docker_layer_caching: << parameters.d >>}"),
    step("save_cache: {key: 'v1-{{ epoch }}', paths: [a], when: on_fail}"),
    step("restore_cache: {keys: [a, b], name: n}"),
    step("restore_cache: {key: a}"),
    step("store_artifacts: {path: a, destination: b}"),
    step("persist_to_workspace: {root: ., paths: ['*']}"),
    step("attach_workspace: {at: /tmp}"),
    step("add_ssh_keys: {fingerprints: ['SHA256:x']}"),
    step("when: {condition: << parameters.c >>, steps: [checkout]}"),
    step("unless: {condition: {not: {equal: [1, << parameters.c >>]}}, steps: [run: x]}"),
    step("<< parameters.after >>"),
    step("orb/command: {anything: [1]}"),
    step("command: text"),
    workflow("jobs: [a, b: {requires: [a]}]\n"),
    workflow("jobs: [a, b: {requires: [a: failed]}]\n"),
    workflow("jobs: [a, b: {requires: [a: [success, canceled, unauthorized, not_run]]}]\n"),
    workflow("jobs: [a, b: {requires: [a: terminal]}]\n"),
    workflow("jobs: [a, hold: {type: approval}]\nmax_auto_reruns: 5\n"),
    workflow('jobs: [a]\nwhen: pipeline.git.branch == "main"\n'),
    workflow("jobs: [a]\nwhen: {and: [{matches: {pattern: ^x$, value: << pipeline.git.branch >>}}, {or: [1, 0]}]}\n"),
    workflow("jobs: [a]\nunless: << pipeline.parameters.p >>\n"),
    workflow('jobs: [a]\ntriggers: [{schedule: {cron: "0 0,12 1-7 * sun", filters: {branches: {only: main}}}}]\n'),
    entry("filters: {branches: {only: /x.*/, ignore: [y, z]}, tags: {ignore: /.*/}}\n"),
    entry('filters: pipeline.git.branch == "main"\n'),
    entry("context: [one, two]\nserial-group: << pipeline.project.slug >>/deploy\noverride-with: orb/job\n"),
    entry("matrix: {parameters: {v: [1, 2], w: << pipeline.parameters.w >>}, exclude: [{v: 1, w: x}], alias: all}\n"),
    entry("pre-steps: [checkout]\npost-steps: [run: x]\nparameter: {any: [thing]}\n"),
    "version: 2\njobs:\n  build:\n    docker: [{image: a}]\n    branches: {only: main}\n    steps: [checkout]\n",
    'version: "2.1"\nsetup: true\norbs: {o: a/node@5, u: "https://x.org/o.yml"}\nworkflows: {w: {jobs: [o/j]}}\n',
    "version: 2.1\nx-anchors: &a {any: thing}\n_more: [1]\njobs: {build: {type: no-op}}\n",
    "version: 2.1\nparameters: {p: {type: enum, enum: [a, b], default: a}}\njobs: {build: {type: no-op}}\n",
    "version: 2.1\nexecutors: {e: {docker: [{image: a}]}}\njobs: {build: {type: no-op}}\n",
    "version: 2.1\ncommands: {c: {steps: [checkout]}}\njobs: {build: {type: no-op}}\n",
    "version: 2.1\njob-groups: {g: {jobs: [a, b: {requires: [a]}]}}\njobs: {build: {type: no-op}}\n",
    "version: 2.1\norbs: {o: {commands: {c: {steps: [checkout]}}, orbs: {i: a/b@1}}}\njobs: {build: {type: no-op}}\n",
]


@pytest.mark.parametrize("text", SOUND)
def test_what_the_reference_allows_is_not_complained_about(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# nothing\n", ["1:1 empty-file"]),
        ("---\n", ["1:1 empty-file"]),
        ("just text\n", ["1:1 wrong-type"]),
        ("- version: 2.1\n", ["1:1 wrong-type"]),
        ("jobs: {build: {type: no-op}}\n", ["1:1 missing-key"]),
        ("version: 1\njobs: {build: {type: no-op}}\n", ["1:10 bad-version"]),
        ("version: 2.2\njobs: {build: {type: no-op}}\n", ["1:10 bad-version"]),
        ("version:\njobs: {build: {type: no-op}}\n", ["1:1 bad-version"]),
        ("version: 2\norbs: {o: a/b@1}\njobs: {build: {type: no-op}}\n", ["2:1 needs-2.1?"]),
        ("version: 2.1\n", ["1:1 nothing-to-run?"]),
        ("version: 2.1\njobs: {test: {type: no-op}}\n", ["1:1 nothing-to-run?"]),
        ("version: 2.1\nworkflow: {w: {jobs: [a]}}\njobs: {build: {type: no-op}}\n", ["2:1 unknown-key?"]),
        ("version: 2.1\njobs: [build]\n", ["2:7 wrong-type", "1:1 nothing-to-run?"]),
        ("version: 2.1\nsetup: maybe\njobs: {build: {type: no-op}}\n", ["2:8 wrong-type"]),
        ("version: 2.1\norbs: {o: circleci/node}\njobs: {build: {type: no-op}}\n", ["2:11 bad-value"]),
        ("version: 2.1\norbs: {o: node@5}\njobs: {build: {type: no-op}}\n", ["2:11 bad-value"]),
        ("version: 2.1\ncommands: {c: {parameters: {}}}\njobs: {build: {type: no-op}}\n", ["2:12 missing-key"]),
        (
            "version: 2.1\nexecutors: {e: {steps: []}}\njobs: {build: {type: no-op}}\n",
            ["2:17 unknown-key", "2:13 missing-key"],
        ),
        ("version: 2.1\nparameters: {p: {type: steps}}\njobs: {build: {type: no-op}}\n", ["2:24 bad-value"]),
        ("version: 2.1\nparameters: {p: {default: 1}}\njobs: {build: {type: no-op}}\n", ["2:14 missing-key"]),
        ("version: 2.1\nparameters: {p: {type: enum}}\njobs: {build: {type: no-op}}\n", ["2:14 missing-key"]),
        ("version: 2.1\njobs: {'a/b': {type: no-op}, build: {type: no-op}}\n", ["2:8 bad-name"]),
        ("version: 2.1\njobs: {'a 🎉': {type: no-op}, build: {type: no-op}}\n", ["2:8 bad-name"]),
        ("version: 2.1\njobs: {build: }\n", ["2:8 wrong-type"]),
    ],
)
def test_the_top_of_a_file(text: str, expected: list[str]) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("steps: [checkout]\n", ["3:3 missing-key"]),
        ("docker: [{image: a}]\n", ["3:3 no-steps?"]),
        ("docker: [{image: a}]\nsteps: []\n", ["3:3 no-steps?"]),
        ("type: build\ndocker: [{image: a}]\n", ["3:3 missing-key"]),
        ("docker: [{image: a}]\nsetps: [checkout]\nsteps: [checkout]\n", ["5:5 unknown-key"]),
        ("docker: [{image: a}]\nmachine: true\nsteps: [checkout]\n", ["5:5 conflicting-keys"]),
        ("docker: {image: a}\nsteps: [checkout]\n", ["4:13 wrong-type"]),
        ("docker: [a]\nsteps: [checkout]\n", ["4:14 wrong-type"]),
        ("docker: []\nsteps: [checkout]\n", ["4:13 bad-value"]),
        ("docker: [{name: a}]\nsteps: [checkout]\n", ["4:14 missing-key"]),
        ("docker: [{image: a, ports: [1]}]\nsteps: [checkout]\n", ["4:25 unknown-key"]),
        ("docker: [{image: 'a:1@foo'}]\nsteps: [checkout]\n", ["4:22 bad-value"]),
        ("docker: [{image: 'a@sha256:12'}]\nsteps: [checkout]\n", ["4:22 bad-value"]),
        ("docker: [{image: [a]}]\nsteps: [checkout]\n", ["4:22 wrong-type"]),
        ("docker: [{image: 3}]\nsteps: [checkout]\n", ["4:22 not-a-text?"]),
        ("docker: [{image: a, auth: {username: u}}]\nsteps: [checkout]\n", ["4:25 missing-key"]),
        ("machine: {images: a}\nsteps: [checkout]\n", ["4:15 unknown-key"]),
        (
            "machine: {image: 'ubuntu-2204:current', resource_class: large}\nresource_class: large\nsteps: [a]\n",
            ["5:21 conflicting-keys"],
        ),
        ("machine: {image: 'ubuntu-2204:current'}\nresource_class: windows.large\nsteps: [a]\n", ["5:21 bad-value"]),
        ("docker: [{image: a}]\nresource_class: meduim\nsteps: [checkout]\n", ["5:21 bad-value"]),
        ("docker: [{image: a}]\nresource_class: windows.large\nsteps: [checkout]\n", ["5:21 bad-value"]),
        ("machine: {image: 'ubuntu-2204:current', resource_class: huge}\nsteps: [checkout]\n", ["4:61 bad-value"]),
        ("macos: {xcode: 15.4.0}\nresource_class: medium\nsteps: [checkout]\n", ["5:21 bad-value"]),
        ("macos: {xcode: 12.5.1}\nresource_class: large\nsteps: [checkout]\n", ["5:21 bad-value?"]),
        ("macos: {resource_class: m4pro.medium}\nsteps: [checkout]\n", ["4:5 missing-key"]),
        ("executor: [e]\nsteps: [checkout]\n", ["4:15 wrong-type"]),
        ("executor: {size: 1}\nsteps: [checkout]\n", ["4:5 missing-key"]),
        ("executor: e\nparallelism: four\nsteps: [checkout]\n", ["5:18 wrong-type"]),
        ("executor: e\nparallelism: 0\nsteps: [checkout]\n", ["5:18 bad-value"]),
        ("executor: e\nparallelism: '2'\nsteps: [checkout]\n", ["5:18 wrong-type"]),
        ("executor: e\nretention: 12h\nsteps: [checkout]\n", ["5:16 wrong-type"]),
        ("executor: e\nretention: {caches: 12h}\nsteps: [checkout]\n", ["5:25 bad-value"]),
        ("executor: e\nretention: {caches: 31d}\nsteps: [checkout]\n", ["5:25 bad-value"]),
        ("executor: e\nenvironment: {A: [1]}\nsteps: [checkout]\n", ["5:22 wrong-type"]),
        ("executor: e\nparameters: {p: {type: text}}\nsteps: [checkout]\n", ["5:28 bad-value"]),
        ("executor: e\nsteps: checkout\n", ["5:12 wrong-type"]),
        ("type: bild\n", ["4:11 bad-value", "3:3 missing-key", "3:3 no-steps?"]),
        ("type: lock\n", ["3:3 missing-key"]),
        ("type: release\n", ["3:3 missing-key"]),
    ],
)
def test_jobs(body: str, expected: list[str]) -> None:
    assert seen(job(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("run", ["7:9 bad-value"]),
        ("save_cache", ["7:9 bad-value"]),
        ("run:", ["7:9 missing-key"]),
        ("[checkout]", ["7:9 wrong-type"]),
        ("run: [a]", ["7:14 wrong-type"]),
        ("run: {name: x}", ["7:9 missing-key"]),
        ("run: {command: }", ["7:15 missing-key"]),
        ("run: {comand: x, command: x}", ["7:15 unknown-key"]),
        ("run:\ncommand: x", ["7:9 several-keys"]),
        ("run: {command: x, when: sometimes}", ["7:33 bad-value"]),
        ("run: {command: x, background: maybe}", ["7:39 wrong-type"]),
        ("run: {command: x, no_output_timeout: soon}", ["7:46 bad-value"]),
        ("run: {command: x, no_output_timeout: 20 m}", ["7:46 bad-value"]),
        ("run: {command: x, no_output_timeout: 600}", ["7:46 bad-value?"]),
        ("run: {command: x, max_auto_reruns: 6}", ["7:44 bad-value"]),
        ("run: {command: x, max_auto_reruns: some}", ["7:44 wrong-type"]),
        ("run: {command: x, auto_rerun_delay: 5s}", ["7:27 missing-key"]),
        ("run: {command: x, max_auto_reruns: 1, auto_rerun_delay: 11m}", ["7:65 bad-value"]),
        ("run: {command: x, max_auto_reruns: 1, auto_rerun_delay: 1h}", ["7:65 bad-value"]),
        ("run: {command: x, max_auto_reruns: 1, background: true}", ["7:27 conflicting-keys?"]),
        ("checkout: {method: partial}", ["7:28 bad-value"]),
        ("setup_remote_docker: {docker_layer_caching: 3}", ["7:53 wrong-type"]),
        ("setup_remote_docker: {docker_layer_caching: 'true'}", ["7:53 not-a-boolean?"]),
        ("save_cache: {key: a}", ["7:9 missing-key"]),
        ("save_cache: {paths: [a]}", ["7:9 missing-key"]),
        ("save_cache: {key: a, paths: [[b]]}", ["7:38 wrong-type"]),
        ("restore_cache: {name: x}", ["7:9 missing-key"]),
        ("restore_cache: {key: a, paths: [b]}", ["7:33 unknown-key?"]),
        ("store_artifacts: {destination: b}", ["7:9 missing-key"]),
        ("store_artifacts: dist", ["7:26 wrong-type"]),
        ("store_test_results: {paths: b, path: a}", ["7:30 unknown-key?"]),
        ("persist_to_workspace: {paths: [a]}", ["7:9 missing-key"]),
        ("attach_workspace: {root: a}", ["7:9 missing-key", "7:28 unknown-key?"]),
        ("when: {steps: [checkout]}", ["7:9 missing-key"]),
        ("when: {condition: true}", ["7:9 missing-key"]),
        ("when: {condition: {nor: [1]}, steps: [checkout]}", ["7:28 unknown-key"]),
        ("when: {condition: {and: 1}, steps: [checkout]}", ["7:33 wrong-type"]),
        ("when: {condition: {and: [1], or: [1]}, steps: [checkout]}", ["7:27 several-keys"]),
        ("when: {condition: {matches: {pattern: x}}, steps: [checkout]}", ["7:28 missing-key"]),
        ("unless: {condition: true, steps: [run: {}]}", ["7:43 missing-key"]),
    ],
)
def test_steps(body: str, expected: list[str]) -> None:
    assert seen(step(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("when: true\n", ["6:3 missing-key"]),
        ("jobs: a\n", ["7:11 wrong-type"]),
        ("jobs: [[a]]\n", ["7:12 wrong-type"]),
        ("jobs: [a: b]\n", ["7:15 wrong-type"]),
        ("jobs: [a]\njob: [b]\n", ["8:5 unknown-key"]),
        ("jobs: [a]\nwhen: true\nunless: true\n", ["9:5 conflicting-keys"]),
        ("jobs: [a]\nmax_auto_reruns: 6\n", ["8:22 bad-value"]),
        ("jobs: [a]\nmax_auto_reruns: 0\n", ["8:22 bad-value"]),
        ("jobs: [a]\ntriggers: {schedule: x}\n", ["8:15 wrong-type"]),
        ("jobs: [a]\ntriggers: [{schedule: {filters: {branches: {only: a}}}}]\n", ["8:17 missing-key"]),
        ('jobs: [a]\ntriggers: [{schedule: {cron: "0 0 * *"}}]\n', ["8:34 bad-value"]),
        ('jobs: [a]\ntriggers: [{schedule: {cron: "61 0 * * *"}}]\n', ["8:34 bad-value"]),
        ("jobs:\n  - a:\n    requires: [b]\n", ["8:9 several-keys?", "9:19 wrong-type"]),
    ],
)
def test_workflows(body: str, expected: list[str]) -> None:
    assert seen(workflow(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("type: invalid\n", ["9:17 bad-value"]),
        ("requires: {b: success}\n", ["9:21 wrong-type"]),
        ("requires: [{b: success, c: failed}]\n", ["9:22 several-keys"]),
        ("requires: [b: maybe]\n", ["9:25 bad-value?"]),
        ("requires: [b: {success: true}]\n", ["9:25 wrong-type"]),
        ("filters: {branch: {only: x}}\n", ["9:21 unknown-key"]),
        ("filters: {branches: {only: {x: y}}}\n", ["9:38 wrong-type"]),
        ("filters: {branches: {onyl: x}}\n", ["9:32 unknown-key"]),
        ("filters: [main]\n", ["9:20 wrong-type"]),
        ("context: {a: b}\n", ["9:20 wrong-type"]),
        ("matrix: [1]\n", ["9:19 wrong-type"]),
        ("matrix: {alias: x}\n", ["9:11 missing-key"]),
        ("matrix: {parameters: {v: 1}}\n", ["9:36 wrong-type"]),
        ("matrix: {parameters: {v: [1]}, excludes: []}\n", ["9:42 unknown-key"]),
        ("matrix: {parameters: {v: [1]}, exclude: [1]}\n", ["9:52 wrong-type"]),
        ("pre-steps: checkout\n", ["9:22 wrong-type"]),
        ("serial-group: 'a b'\n", ["9:25 bad-value"]),
        ("serial-group: ''\n", ["9:25 bad-value"]),
    ],
)
def test_jobs_that_workflows_start(body: str, expected: list[str]) -> None:
    assert seen(entry(body)) == expected


def test_inside_an_inline_orb_the_same_rules_hold() -> None:
    text = """\
    version: 2.1
    orbs:
      o:
        commands: {c: {steps: [run: {}]}}
        executors: {e: {docker: [{}]}}
        jobs: {j: {docker: [{image: a}], steps: [save_cache]}}
        extra: 1
    jobs: {build: {type: no-op}}
    """
    assert seen(dedent(text)) == ["4:28 missing-key", "5:30 missing-key", "6:46 bad-value", "7:5 unknown-key?"]


def test_every_finding_says_where_what_and_by_which_page() -> None:
    for one in findings(job("docker: x\nsetps: [a]\nparallelism: 0\n")):
        assert one.at.file == "config.yml"
        assert one.message
        assert not one.message.endswith(".")
        assert one.rule.startswith("https://circleci.com/docs/")


WORDS = """version jobs docker image steps run command when condition and not workflows w requires matrix parameters
type executors macos machine resource_class orbs triggers"""
KEYS = st.sampled_from(WORDS.split())
VALUES = st.sampled_from(["2.1", "build", "checkout", "<< x >>", "", "true", "3", "'q'", "run", "a/b@1"])
TREES = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


def flow(tree: object) -> str:
    if isinstance(tree, list):
        return "[" + ", ".join(flow(item) for item in tree) + "]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in tree.items()) + "}"
    return str(tree)


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_nothing_that_yaml_can_say_raises(tree: object) -> None:
    text = flow(tree)
    root = yaml.load(text, "config.yml").root
    for one in check(root, "config.yml"):
        assert one.at.line == 1
        assert one.at.column <= len(text) + 1


@pytest.mark.corpus
def test_files_that_the_service_took_have_no_errors() -> None:
    shared = Path(__file__).parents[4] / "shared" / "corpus"
    if not shared.is_dir():
        pytest.skip(f"{shared} is not there")
    checked = 0
    for path in sorted([*(shared / "circleci").iterdir(), *(shared / "circleci_continue").iterdir()]):
        loaded = yaml.load(path.read_bytes(), path.name)
        wrong = [one for one in check(loaded.root, path.name) if one.severity is Severity.ERROR]
        assert (path.name, wrong) == (path.name, [])
        checked += 1
    assert checked > 50
