"""Imports and how they are merged: https://docs.travis-ci.com/user/build-config-imports/"""

from collections.abc import Mapping

import pytest

from understudy.dialects.travis import document, imports
from understudy.dialects.travis.normalise import Options, Value, normalise
from understudy.findings import Severity

PATH = ".travis.yml"
BARE = Options(alert=False, defaults=False, line=False)


def loaded(text: str, files: Mapping[str, str], data: Mapping[str, Value] | None = None) -> imports.Imported:
    content = {name: one.encode() for name, one in files.items()}
    return imports.load(document.load(text, PATH).root, PATH, content.get, data)


def config(text: str, files: Mapping[str, str], data: Mapping[str, Value] | None = None) -> dict[str, Value]:
    found = loaded(text, files, data)
    normal = normalise(found.root, PATH, BARE)
    return {key: value for key, value in normal.config.items() if key != "import"}


def test_a_file_without_imports_is_itself() -> None:
    root = document.load("script: make\n", PATH).root
    assert imports.load(root, PATH, lambda _: None).root is root


@pytest.mark.parametrize(
    ("mode", "script", "env"),
    [
        ("merge", ("own",), {"global": ({"A": "own"},)}),
        ("deep_merge", ("own",), {"global": ({"A": "own"},), "jobs": ({"B": "1"},)}),
        ("deep_merge_append", ("theirs", "own"), {"global": ({"A": "theirs"}, {"A": "own"}), "jobs": ({"B": "1"},)}),
        ("deep_merge_prepend", ("own", "theirs"), {"global": ({"A": "own"}, {"A": "theirs"}), "jobs": ({"B": "1"},)}),
        ("deep-merge-append", ("theirs", "own"), {"global": ({"A": "theirs"}, {"A": "own"}), "jobs": ({"B": "1"},)}),
    ],
)
def test_modes(mode: str, script: tuple[str, ...], env: Mapping[str, Value]) -> None:
    text = f"import: {{source: one.yml, mode: {mode}}}\nscript: [own]\nenv: {{global: [A=own]}}\n"
    theirs = {"one.yml": "script: [theirs]\nenv: {global: [A=theirs], jobs: [B=1]}\nos: osx\n"}
    assert config(text, theirs) == {"script": script, "env": env, "os": ("osx",)}


def test_lists_are_appended_where_nothing_is_said() -> None:
    assert config("import: one.yml\nscript: [own]", {"one.yml": "script: [theirs]"}) == {"script": ("theirs", "own")}


def test_what_stands_first_wins() -> None:
    files = {
        "one.yml": "import: inner.yml\nos: osx\n",
        "inner.yml": "os: windows\ndist: jammy\n",
        "two.yml": "dist: focal",
    }
    assert config("import: [one.yml, two.yml]\n", files) == {"os": ("osx",), "dist": "jammy"}


def test_a_dot_is_the_folder_of_the_file_that_imports() -> None:
    files = {"ci/one.yml": "import: ./two.yml", "ci/two.yml": "dist: jammy"}
    assert config("import: ./ci/one.yml", files) == {"dist": "jammy"}


def test_circles_end() -> None:
    files = {"one.yml": "import: [two.yml, .travis.yml]\nos: osx", "two.yml": "import: one.yml\ndist: jammy"}
    assert config("import: one.yml", files) == {"os": ("osx",), "dist": "jammy"}


def test_files_of_other_repositories_are_asked_for_by_their_address() -> None:
    files = {
        "github://acme/shared@v1/one.yml": "import: ./more/two.yml\nos: osx",
        "github://acme/shared@v1/more/two.yml": "dist: jammy",
        "github://acme/shared@HEAD/three.yml": "language: go",
    }
    text = "import: ['acme/shared:one.yml@v1', 'acme/shared:three.yml']"
    assert config(text, files) == {"os": ("osx",), "dist": "jammy", "language": "go"}


def test_what_is_not_here_is_told_at_its_place() -> None:
    found = loaded("import:\n  - acme/shared:one.yml@v1\n", {})
    assert [(one.severity, one.code, one.at.line) for one in found.findings] == [(Severity.UNSUPPORTED, "not-here", 2)]
    assert found.messages == ()


def test_another_version_of_this_repository_is_not_here() -> None:
    found = loaded("import: one.yml@v1\n", {"one.yml": "os: osx"})
    assert [one.code for one in found.findings] == ["not-here"]


def test_a_local_file_that_is_missing_is_an_error() -> None:
    found = loaded("import: one.yml\n", {})
    assert [(one.level, one.key, one.code) for one in found.messages] == [("error", "import", "unknown_import")]


def test_what_names_no_file() -> None:
    found = loaded("import: not-a-ref\n", {})
    assert [(one.code, one.args) for one in found.messages] == [("invalid_ref", {"ref": "not-a-ref"})]


@pytest.mark.parametrize(("branch", "system"), [("main", "osx"), ("dev", "windows")])
def test_conditions(branch: str, system: str) -> None:
    text = "import: [{source: one.yml, if: branch = main}, {source: two.yml, if: branch != main}]\n"
    files = {"one.yml": "os: osx", "two.yml": "os: windows"}
    assert config(text, files, {"branch": branch}) == {"os": (system,)}
    skipped = loaded(text, files, {"branch": branch}).messages
    assert [one.code for one in skipped] == ["skip_import"]


def test_no_more_than_so_many() -> None:
    files = {f"{number}.yml": f"import: {number + 1}.yml" for number in range(40)}
    found = loaded("import: 0.yml", files)
    assert [(one.code, one.args) for one in found.messages] == [("too_many_imports", {"max": 25})]


def test_findings_of_imported_files_stand_in_them() -> None:
    found = loaded("import: one.yml", {"one.yml": "os: osx\nfoo: 1\n"})
    (message,) = normalise(found.root, PATH, BARE).messages
    assert (message.at.file, message.at.line) == ("one.yml", 2)
    broken = loaded("import: one.yml", {"one.yml": "a: [\n"})
    assert [(one.code, one.at.file) for one in broken.findings] == [("yaml-syntax", "one.yml")]
