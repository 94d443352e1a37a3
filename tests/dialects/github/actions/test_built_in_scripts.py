"""The scripts of actions that are built in, run by this machine's sh.

Ranges are those of https://github.com/npm/node-semver#ranges.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from understudy.dialects.github.actions.builtin.parts import source

VERSIONS = ("2.7.18", "3.8.18", "3.9.6", "3.9.18", "3.10.13", "3.11.7", "3.12.0", "3.13.0a1")


def best(wanted: str, unfinished: str = "false") -> str:
    lines = "".join(f"{one}\\t.\\n" for one in VERSIONS)
    script = source("versions.sh") + f"\nprintf '{lines}' | best '{wanted}' {unfinished} | cut -f 1\n"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("3.9", "3.9.18"), ("3.9.6", "3.9.6"), ("3", "3.12.0"), ("3.x", "3.12.0"), ("3.9.x", "3.9.18"), ("*", "3.12.0"),
        (">=3.9 <3.12", "3.11.7"), (">=3.9,<3.11", "3.10.13"), (">3.9", "3.12.0"), ("<3.9", "3.8.18"),
        ("<=3.9", "3.9.18"), ("~3.9.7", "3.9.18"), ("~3.9", "3.9.18"), ("^3.9", "3.12.0"), ("^2.7.0", "2.7.18"),
        ("3.8 - 3.10", "3.10.13"), ("2.7 || 3.8", "3.8.18"), ("~=3.9", "3.12.0"), ("~=3.9.1", "3.9.18"),
        ("==3.9.*", "3.9.18"), (">=3.9,!=3.12.*", "3.11.7"), (">= 3.11", "3.12.0"), ("3.7", ""), ("4.x", ""),
        ("3.13", ""), ("3.13.0-alpha.1", "3.13.0a1"), ("3.1", ""),
    ],
)  # fmt: skip
def test_ranges(wanted: str, expected: str) -> None:
    assert best(wanted) == expected


def test_an_unfinished_version_fits_where_it_is_allowed() -> None:
    assert best("3.13", "true") == "3.13.0a1"


PYTHON = {
    "INPUT_PYTHON_VERSION": "", "INPUT_PYTHON_VERSION_FILE": "", "INPUT_ALLOW_PRERELEASES": "false",
    "INPUT_FREETHREADED": "false", "INPUT_UPDATE_ENVIRONMENT": "true", "INPUT_PIP_VERSION": "", "INPUT_PIP_INSTALL": "",
}  # fmt: skip


class TestSetupPython:
    def run(self, start: Any, version: str, **more: str) -> Any:
        return start("versions.sh", "python.sh", **{**PYTHON, "INPUT_PYTHON_VERSION": version, **more})

    @pytest.fixture(autouse=True)
    def pythons(self, tmp_path: Path, program: Any) -> None:
        for version in ("3.8.18", "3.9.18"):
            for name in ("python", "python3"):
                program(tmp_path / "home/.pyenv/versions" / version / "bin" / name, version)
        for name in ("python", "python3"):
            program(tmp_path / "cache/Python/3.9.19/x64/bin" / name, "3.9.19")
            program(tmp_path / "machine/cpython-3.10.2-linux-x86_64-gnu/bin" / name, "3.10.2")

    def test_the_newest_that_fits_comes_first_on_path(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, "3.9")
        prefix = f"{tmp_path}/cache/Python/3.9.19/x64"
        assert done.code == 0
        assert done.outputs == {"python-version": "3.9.19", "python-path": f"{prefix}/bin/python"}
        assert done.env["pythonLocation"] == prefix
        assert done.path == (f"{prefix}/bin",)

    def test_what_the_room_tells_of(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, "3.10", UNDERSTUDY_PYTHONS=f"{tmp_path}/machine:/nowhere")
        assert done.outputs["python-version"] == "3.10.2"

    def test_of_several_the_last_is_first(self, start: Any) -> None:
        done = self.run(start, "3.9\n3.8\n")
        assert done.outputs["python-version"] == "3.8.18"
        assert len(done.path) == 2

    def test_nothing_is_changed_without_update_environment(self, start: Any) -> None:
        done = self.run(start, "3.9", INPUT_UPDATE_ENVIRONMENT="false")
        assert (done.env, done.path) == ({}, ())

    @pytest.mark.parametrize(
        ("name", "content", "version"),
        [
            (".python-version", "# mine\n3.8\n", "3.8.18"),
            ("pyproject.toml", '[project]\nname = "x"\nrequires-python = ">=3.8,<3.9"\n', "3.8.18"),
            ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.8"\n', "3.8.18"),
            ("Pipfile", '[requires]\npython_version = "3.8"\n', "3.8.18"),
            (".tool-versions", "nodejs 20\npython 3.8.18\n", "3.8.18"),
        ],
    )
    def test_version_files(self, start: Any, tmp_path: Path, name: str, content: str, version: str) -> None:
        (tmp_path / "work" / name).write_text(content)
        assert self.run(start, "", INPUT_PYTHON_VERSION_FILE=name).outputs["python-version"] == version

    def test_a_version_file_that_is_not_there(self, start: Any) -> None:
        done = self.run(start, "", INPUT_PYTHON_VERSION_FILE="nope")
        assert done.code == 1
        assert "The specified python version file at: nope doesn't exist." in done.printed

    def test_a_version_that_is_not_here_names_those_that_are(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, "3.7", path=f"{tmp_path}/none:/usr/bin:/bin")
        assert done.code == 1
        assert "There is no Python 3.7 in this room; there are: " in done.printed
        assert "3.8.18, 3.9.18, 3.9.19" in done.printed

    def test_other_implementations_are_refused(self, start: Any) -> None:
        done = self.run(start, "pypy3.10")
        assert done.code == 1
        assert "pypy3.10" in done.printed


UV = {
    "INPUT_VERSION": "", "INPUT_VERSION_FILE": "", "INPUT_PYTHON_VERSION": "", "INPUT_ACTIVATE_ENVIRONMENT": "false",
    "INPUT_CACHE_LOCAL_PATH": "",
}  # fmt: skip


class TestSetupUv:
    @pytest.fixture(autouse=True)
    def machine(self, tmp_path: Path, program: Any) -> None:
        program(tmp_path / "uv/uv", "uv 0.9.1")
        for version, minor in (("2.7.18", "2.7"), ("3.8.18", "3.8"), ("3.12.1", "3.12")):
            for name in ("python", "python3", f"python{minor}", f"python{minor}-config"):
                program(tmp_path / "machine" / version / "bin" / name, version)

    def run(self, start: Any, tmp_path: Path, **more: str) -> Any:
        pythons = f"{tmp_path}/machine:/nowhere"
        return start(
            "versions.sh", "uv.sh", path=f"{tmp_path}/uv:/usr/bin:/bin", UNDERSTUDY_PYTHONS=pythons, **UV, **more
        )

    def test_the_rooms_own_is_taken(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, tmp_path)
        assert done.code == 0
        assert (done.outputs["uv-version"], done.outputs["uv-path"]) == ("0.9.1", f"{tmp_path}/uv/uv")
        assert done.path == (f"{tmp_path}/uv",)

    def test_pythons_of_the_machine_come_last_on_path_by_their_long_names(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, tmp_path)
        links = tmp_path / "temp/understudy-uv-pythons"
        assert done.env["PATH"] == f"{tmp_path}/uv:/usr/bin:/bin:{links}"
        assert {link.name: str(link.readlink()) for link in links.iterdir()} == {
            "python3.8": f"{tmp_path}/machine/3.8.18/bin/python3.8",
            "python3.12": f"{tmp_path}/machine/3.12.1/bin/python3.12",
        }

    def test_those_that_are_shared_with_the_job_do_not(self, start: Any, tmp_path: Path) -> None:
        assert "PATH" not in self.run(start, tmp_path, UNDERSTUDY_PYTHONS_SHARED="true").env


class TestSetupNode:
    @pytest.mark.parametrize(("wanted", "found"), [("18", "v18.1.0"), ("lts/*", "v20.2.0"), ("latest", "v21.3.0")])
    def test_versions(self, start: Any, tmp_path: Path, program: Any, wanted: str, found: str) -> None:
        for version in ("18.1.0", "20.2.0", "21.3.0"):
            program(tmp_path / "cache/node" / version / "x64/bin/node", f"v{version}")
        done = start(
            "versions.sh", "node.sh", path=f"{tmp_path}/cache/node/18.1.0/x64/bin:/usr/bin:/bin",
            INPUT_NODE_VERSION=wanted, INPUT_NODE_VERSION_FILE="",
        )  # fmt: skip
        assert (done.code, done.outputs["node-version"]) == (0, found)

    def test_one_that_this_machine_keeps_for_rooms(self, start: Any, tmp_path: Path, program: Any) -> None:
        folder = tmp_path / "home/.understudy/node/24.19.0/bin"
        program(folder / "node", "v24.19.0")
        done = start("versions.sh", "node.sh", INPUT_NODE_VERSION="24", INPUT_NODE_VERSION_FILE="")
        assert done.outputs == {"node-version": "v24.19.0"}
        assert done.path == (str(folder),)

    def test_one_that_does_not_run_here_is_none(self, start: Any, tmp_path: Path) -> None:
        program = tmp_path / "home/.understudy/node/24.19.0/bin/node"
        program.parent.mkdir(parents=True)
        program.write_text("#!/nowhere/at/all\n")
        program.chmod(0o755)
        done = start("versions.sh", "node.sh", INPUT_NODE_VERSION="24", INPUT_NODE_VERSION_FILE="")
        assert done.code == 1

    def test_package_json(self, start: Any, tmp_path: Path, program: Any) -> None:
        program(tmp_path / "cache/node/18.1.0/x64/bin/node", "v18.1.0")
        (tmp_path / "work/package.json").write_text('{\n  "engines": {\n    "node": ">=16 <19"\n  }\n}\n')
        done = start("versions.sh", "node.sh", INPUT_NODE_VERSION="", INPUT_NODE_VERSION_FILE="package.json")
        assert done.outputs["node-version"] == "v18.1.0"


class TestSetupJava:
    def run(self, start: Any, tmp_path: Path, program: Any, wanted: str) -> Any:
        for version in ("8.0.402", "17.0.9"):
            program(tmp_path / f"cache/Java_X_jdk/{version}/x64/bin/java", "-")
            release = tmp_path / f"cache/Java_X_jdk/{version}/x64/release"
            release.write_text(f'JAVA_VERSION="{version.replace("8.0.", "1.8.0_")}"\n')
        inputs = {"INPUT_JAVA_VERSION": wanted, "INPUT_JAVA_VERSION_FILE": "", "INPUT_DISTRIBUTION": "temurin"}
        return start("versions.sh", "java.sh", **inputs)

    def test_the_jdk_that_fits(self, start: Any, tmp_path: Path, program: Any) -> None:
        done = self.run(start, tmp_path, program, "8")
        home = f"{tmp_path}/cache/Java_X_jdk/8.0.402/x64"
        assert done.outputs == {"distribution": "temurin", "version": "8.0", "path": home}
        assert done.env == {"JAVA_HOME": home, "JAVA_HOME_8_X64": home}

    def test_one_that_is_not_here(self, start: Any, tmp_path: Path, program: Any) -> None:
        done = self.run(start, tmp_path, program, "5")
        assert (done.code, "There is no Java 5 in this room" in done.printed) == (1, True)


def needs(**results: str) -> str:
    """As `toJSON(needs)` writes it, with outputs that look like results."""
    outputs = {"result": "failure", "a": '{\n  "b": {\n    "result": "failure"'}
    return json.dumps({name: {"result": one, "outputs": outputs} for name, one in results.items()}, indent=2)


class TestAllsGreen:
    """https://github.com/re-actors/alls-green#options."""

    @pytest.mark.parametrize(
        ("jobs", "failures", "skips", "green"),
        [
            (needs(a="success", b="success"), "", "", True),
            (needs(a="success", b="failure"), "", "", False),
            (needs(a="success", b="skipped"), "", "", False),
            (needs(a="cancelled"), "", "", False),
            (needs(a="success", b="failure"), "c, b", "", True),
            (needs(a="success", b="skipped"), "", "b", True),
            (needs(a="success", b="failure"), "", "b", False),
            (needs(a="failure", b="skipped"), '["a", "x"]', '["b"]', True),
            (needs(ab="failure"), "a", "", False),
        ],
    )
    def test_verdict(self, start: Any, jobs: str, failures: str, skips: str, green: object) -> None:
        done = start("green.sh", INPUT_JOBS=jobs, INPUT_ALLOWED_FAILURES=failures, INPUT_ALLOWED_SKIPS=skips)
        assert done.code == (0 if green else 1)
        result = "success" if green else "failure"
        assert done.outputs == {"success": str(green).lower(), "failure": str(not green).lower(), "result": result}

    def test_no_jobs_are_no_success(self, start: Any) -> None:
        done = start("green.sh", INPUT_JOBS="{}", INPUT_ALLOWED_FAILURES="", INPUT_ALLOWED_SKIPS="")
        assert (done.code, done.outputs) == (1, {})
        assert "toJSON(needs)" in done.printed


class TestUpload:
    """https://github.com/actions/upload-artifact#upload-using-multiple-paths-and-exclusions."""

    @pytest.fixture(autouse=True)
    def files(self, tmp_path: Path) -> None:
        names = ("dist/x.whl", "dist/sub/y.tar.gz", "dist/.secret", ".hid/z", "a/b/c.xml", "a/b/d.txt", "s p/q.xml")
        for name in (*names, ".coverage"):
            (tmp_path / "work" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "work" / name).write_text(name)

    def run(self, start: Any, path: str, **more: str) -> Any:
        given = {
            "INPUT_NAME": "art", "INPUT_PATH": path, "INPUT_IF_NO_FILES_FOUND": "warn",
            "INPUT_INCLUDE_HIDDEN_FILES": "false",
        }  # fmt: skip
        return start("upload.sh", **{**given, **more})

    @pytest.mark.parametrize(
        ("path", "names"),
        [
            ("dist", ["sub/y.tar.gz", "x.whl"]),
            ("dist/", ["sub/y.tar.gz", "x.whl"]),
            ("dist/**", ["sub/y.tar.gz", "x.whl"]),
            ("dist/*.whl", ["x.whl"]),
            ("a/b/c.xml", ["c.xml"]),
            ("**/*.xml", ["a/b/c.xml", "s p/q.xml"]),
            ("dist\na/b/*\n!a/b/*.txt\n", ["a/b/c.xml", "dist/sub/y.tar.gz", "dist/x.whl"]),
            ("a/b/[cx].*", ["c.xml"]),
            (".hid", []),
            (".coverage", []),
        ],
    )
    def test_what_is_gathered(self, start: Any, path: str, names: list[str]) -> None:
        done = self.run(start, path)
        assert done.code == 0
        folder = done.outputs.get("folder")
        found = (
            sorted(str(one.relative_to(folder)) for one in Path(folder).rglob("*") if one.is_file()) if folder else []
        )
        assert found == names

    def test_hidden_files_where_they_are_asked_for(self, start: Any) -> None:
        done = self.run(start, ".coverage", INPUT_INCLUDE_HIDDEN_FILES="true")
        assert [one.name for one in Path(done.outputs["folder"]).iterdir()] == [".coverage"]

    @pytest.mark.parametrize(("choice", "code"), [("warn", 0), ("ignore", 0), ("error", 1)])
    def test_no_files(self, start: Any, choice: str, code: int) -> None:
        done = self.run(start, "nope", INPUT_IF_NO_FILES_FOUND=choice)
        assert done.code == code
        assert "No files were found with the provided path: nope" in done.printed

    def test_a_name_that_no_artifact_may_have(self, start: Any) -> None:
        assert self.run(start, "dist", INPUT_NAME="a/b").code == 1


class TestDownload:
    @pytest.fixture(autouse=True)
    def handed(self, tmp_path: Path) -> None:
        for name in ("one-a", "one-b", "two"):
            (tmp_path / "home/handed" / name).mkdir(parents=True)
            (tmp_path / "home/handed" / name / f"{name}.txt").write_text(name)

    def run(self, start: Any, **more: str) -> Any:
        given = {
            "INPUT_NAME": "", "INPUT_PATH": "", "INPUT_PATTERN": "", "INPUT_MERGE_MULTIPLE": "false",
            "UNDERSTUDY_HANDED": "~/handed",
        }  # fmt: skip
        return start("handed.sh", "download.sh", **{**given, **more})

    def laid(self, tmp_path: Path) -> list[str]:
        work = tmp_path / "work"
        return sorted(str(one.relative_to(work)) for one in work.rglob("*") if one.is_file())

    @pytest.mark.parametrize(
        ("inputs", "names"),
        [
            ({"INPUT_NAME": "two"}, ["two.txt"]),
            ({"INPUT_NAME": "two", "INPUT_PATH": "x"}, ["x/two.txt"]),
            ({}, ["one-a/one-a.txt", "one-b/one-b.txt", "two/two.txt"]),
            ({"INPUT_PATTERN": "one-*"}, ["one-a/one-a.txt", "one-b/one-b.txt"]),
            ({"INPUT_PATTERN": "{one-a,two}", "INPUT_MERGE_MULTIPLE": "true"}, ["one-a.txt", "two.txt"]),
            ({"INPUT_PATTERN": "none-*"}, []),
        ],
    )
    def test_where_files_go(self, start: Any, tmp_path: Path, inputs: dict[str, str], names: list[str]) -> None:
        done = self.run(start, **inputs)
        assert (done.code, self.laid(tmp_path)) == (0, names)

    def test_an_artifact_that_is_not_there(self, start: Any) -> None:
        done = self.run(start, INPUT_NAME="three")
        assert done.code == 1
        assert "Artifact not found for name: three" in done.printed


class TestRuff:
    def run(self, start: Any, tmp_path: Path, **inputs: str) -> Any:
        """With a Ruff that says how it was called."""
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "ruff").write_text(
            '#!/bin/sh\n[ "$1" != --version ] || { echo ruff 0.9.3; exit; }\necho "$RUFF_OUTPUT_FORMAT:$*"\n'
        )
        (folder / "python3").write_text("#!/bin/sh\nexit 3\n")
        for name in ("ruff", "python3"):
            (folder / name).chmod(0o755)
        given = {"INPUT_ARGS": "check", "INPUT_SRC": "", "INPUT_VERSION": "", "INPUT_VERSION_FILE": "", **inputs}
        return start("ruff.sh", path=f"{folder}:/usr/bin:/bin", **given)

    def test_the_rooms_own(self, start: Any, tmp_path: Path) -> None:
        done = self.run(start, tmp_path)
        assert (done.code, done.printed.strip()) == (0, "github:check .")
        assert done.outputs == {"ruff-version": "0.9.3"}

    def test_arguments_and_sources(self, start: Any, tmp_path: Path) -> None:
        done = self.run(
            start, tmp_path, INPUT_ARGS="check --select 'E, F'", INPUT_SRC="a.py b.py\nc", INPUT_VERSION="0.9.3"
        )
        assert done.printed.strip() == "github:check --select E, F a.py b.py c"

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("pyproject.toml", '[dependency-groups]\ndev = ["ruff==0.9.3"]\n'),
            ("uv.lock", '[[package]]\nname = "ruff"\nversion = "0.9.3"\n'),
            ("requirements.txt", "# ruff==1\nruff == 0.9.3  # linter\n"),
        ],
    )
    def test_the_version_that_a_file_pins(self, start: Any, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / "work" / name).write_text(content)
        assert self.run(start, tmp_path, INPUT_VERSION_FILE=name).code == 0
        (tmp_path / "work" / name).write_text(content.replace("0.9.3", "0.1.0"))
        done = self.run(start, tmp_path, INPUT_VERSION_FILE=name)
        assert done.code != 0
        assert "Installing ruff==0.1.0 with pip" in done.printed


def test_a_room_without_redis_says_so(start: Any, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to("/bin/sh")
    path = str(tmp_path / "bin")
    done = start("redis.sh", path=path, INPUT_REDIS_VERSION="7", INPUT_REDIS_PORT="", INPUT_REDIS_PASSWORD="")
    assert (done.code, "no redis-server" in done.printed) == (1, True)
