"""Where secrets come from, and what is said of those that can't be had."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from understudy import config
from understudy.config import Settings
from understudy.errors import InputError


def loaded(root: Path, text: str = "", **flags: object) -> Settings:
    (root / "understudy.toml").write_text(text, encoding="utf-8")
    return config.load(root, {"store": root / "store", **flags})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE", "from-the-environment")
    monkeypatch.delenv("ABSENT", raising=False)


def test_the_last_of_several_places_wins(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("# a comment\nA=from-file\nexport B=\"two\\nlines\"\nC='quoted'\n\nTHERE=x\n")
    settings = loaded(
        tmp_path, '[secrets]\nA = "plain"\nD = { env = "THERE" }\n', secret_files=[file], secret_names=["THERE"]
    )
    assert settings.secrets == {
        "A": "from-file", "B": "two\nlines", "C": "quoted", "D": "from-the-environment",
        "THERE": "from-the-environment",
    }  # fmt: skip


def test_contexts_are_sets_of_secrets(tmp_path: Path) -> None:
    text = '[contexts.one]\nA = { env = "THERE" }\n[contexts."two words"]\nA = "2"\n'
    assert loaded(tmp_path, text).contexts == {"one": {"A": "from-the-environment"}, "two words": {"A": "2"}}


def test_what_has_no_value_is_remembered_with_its_place(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[secrets]\nA = { env = "ABSENT" }\n[contexts.one]\nB = { env = "ABSENT" }\n')
    assert settings.unset == {
        "secrets.A": (None, "the variable `ABSENT`"),
        "contexts.one.B": ("one", "the variable `ABSENT`"),
    }
    assert settings.secrets == {}


def test_another_place_may_give_what_one_has_not(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("A=x\n")
    assert loaded(tmp_path, '[secrets]\nA = { env = "ABSENT" }\n', secret_files=[file]).unset == {}


class Keyring(ModuleType):
    """Stands for the keyring library: one service, one name; another service is locked."""

    errors = SimpleNamespace(KeyringError=OSError)

    def get_password(self, service: str, name: str) -> str | None:
        if service == "locked":
            raise OSError("it is locked")
        return {("release", "KEY"): "from-the-keyring"}.get((service, name))


def test_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring("keyring"))
    text = '[secrets]\nKEY = { keyring = "release" }\nOTHER = { keyring = "release" }\n'
    settings = loaded(tmp_path, text)
    assert settings.secrets == {"KEY": "from-the-keyring"}
    assert settings.unset == {"secrets.OTHER": (None, "the keyring's service `release`")}
    with pytest.raises(InputError, match="can't be read from the keyring: it is locked"):
        loaded(tmp_path, '[secrets]\nKEY = { keyring = "locked" }\n')


def test_no_keyring_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(InputError, match="can't be read here") as refused:
        loaded(tmp_path, '[secrets]\nKEY = { keyring = "release" }\n')
    assert "understudy[keyring]" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[secrets]\nA = 1\n", "`secrets.A` must be text"),
        ('[secrets]\nA = { environ = "X" }\n', "`secrets.A` must be text"),
        ('[secrets]\n"a b" = "x"\n', "can't be the name of a variable"),
        ('[contexts]\none = "x"\n', "`contexts.one` must be a table"),
        ('secrets = "x"\n', "wrong type"),
    ],
)
def test_what_the_settings_get_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, text)
    assert said in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "said"),
    [("ABSENT", "is not set"), ("A=value", "not a value for `A`"), ("a-b", "no name"), ("", "no name")],
)
def test_what_a_flag_gets_wrong(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, secret_names=[name])
    assert said in refused.value.message
    assert "value" not in refused.value.hint


@pytest.mark.parametrize("content", [b"no equals sign\n", b"a b=x\n", b"=x\n", b"\xff=x\n"])
def test_what_a_file_gets_wrong(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secrets"
    file.write_bytes(content)
    with pytest.raises(InputError):
        loaded(tmp_path, secret_files=[file])
    with pytest.raises(InputError, match="can't be read"):
        loaded(tmp_path, secret_files=[tmp_path / "absent"])
