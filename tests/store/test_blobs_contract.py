"""What every `Blobs` must do, whatever keeps them."""

import hashlib
import io
import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from understudy.errors import StoreError
from understudy.store.base import Blobs
from understudy.store.blobs import FolderBlobs

NONE = "sha256:" + "0" * 64
DAY_S = 86_400

IMPLEMENTATIONS: dict[str, Callable[[Path], Blobs]] = {"folder": FolderBlobs}


@pytest.fixture(params=IMPLEMENTATIONS)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return IMPLEMENTATIONS[request.param](tmp_path)


def put(blobs: Blobs, content: bytes) -> str:
    return blobs.put(io.BytesIO(content))[0]


def age(blobs: Blobs, digest: str) -> None:
    path = blobs.path(digest)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - DAY_S))


class Trickle(io.RawIOBase):
    """Gives its content in pieces of uneven size, as a pipe does."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.rest = content
        self.size = 1

    def read(self, size: int = -1) -> bytes:
        self.size = self.size * 3 % 100_003
        piece, self.rest = self.rest[: min(size, self.size)], self.rest[min(size, self.size) :]
        return piece


@pytest.mark.parametrize("content", [b"", b"a", b"x" * (1024 * 1024), os.urandom(3 * 1024 * 1024 + 17)])
def test_what_is_put_is_what_is_opened(blobs: Blobs, content: bytes) -> None:
    digest, size_bytes = blobs.put(io.BytesIO(content))
    assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert size_bytes == len(content)
    with blobs.open(digest) as source:
        assert source.read() == content
    assert blobs.path(digest).read_bytes() == content


def test_a_source_that_gives_little_at_a_time(blobs: Blobs) -> None:
    content = os.urandom(300_000)
    digest, _ = blobs.put(cast(io.BufferedReader, Trickle(content)))
    assert digest == put(blobs, content)


def test_a_blob_is_for_reading_only(blobs: Blobs) -> None:
    mode = blobs.path(put(blobs, b"a")).stat().st_mode
    assert stat.S_IMODE(mode) == 0o444


def test_no_other_user_gets_at_a_blob(blobs: Blobs, tmp_path: Path) -> None:
    way = [one for one in blobs.path(put(blobs, b"a")).parents if one.is_relative_to(tmp_path) and one != tmp_path]
    assert any(one.stat().st_mode & 0o077 == 0 for one in way)


def test_the_same_content_is_kept_once(blobs: Blobs) -> None:
    assert put(blobs, b"abc") == put(blobs, b"abc")
    assert blobs.size() == 3
    put(blobs, b"de")
    assert blobs.size() == 5


def test_nothing_there(blobs: Blobs) -> None:
    assert not blobs.has(NONE)
    assert blobs.size() == 0
    assert blobs.sweep(()) == 0
    with pytest.raises(StoreError, match="no longer holds"):
        blobs.open(NONE)


@pytest.mark.parametrize(
    "wrong", ["", "sha256:", "sha256:../../../etc/passwd", "md5:" + "0" * 64, NONE + "0", NONE.upper(), NONE + "\n"]
)
def test_what_is_no_digest(blobs: Blobs, wrong: str) -> None:
    put(blobs, b"")
    assert not blobs.has(wrong)
    with pytest.raises(StoreError):
        blobs.open(wrong)
    with pytest.raises(StoreError):
        blobs.path(wrong)


def test_a_sweep_takes_what_is_old_and_not_kept(blobs: Blobs) -> None:
    old, young, kept = put(blobs, b"old"), put(blobs, b"young"), put(blobs, b"kept")
    age(blobs, old)
    age(blobs, kept)
    assert blobs.sweep({kept}) == 3
    assert [blobs.has(one) for one in (old, young, kept)] == [False, True, True]
    assert blobs.sweep({kept}) == 0


def test_putting_it_again_makes_it_young(blobs: Blobs) -> None:
    digest = put(blobs, b"again")
    age(blobs, digest)
    put(blobs, b"again")
    assert blobs.sweep(()) == 0
    assert blobs.has(digest)


def test_a_reader_outlives_a_sweep(blobs: Blobs) -> None:
    digest = put(blobs, b"still read")
    age(blobs, digest)
    with blobs.open(digest) as source:
        assert blobs.sweep(()) == 10
        assert source.read() == b"still read"


class Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise ConnectionResetError("gone")
        return super().read(min(size or 10, 10))


def test_a_source_that_fails_leaves_nothing(blobs: Blobs) -> None:
    with pytest.raises(ConnectionResetError):
        blobs.put(Broken(b"a" * 100))
    assert blobs.size() == 0


def test_threads_may_put_the_same(blobs: Blobs) -> None:
    contents = [os.urandom(100_000)] * 8 + [b"other"] * 8
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda content: put(blobs, content), contents))
    assert len(digests) == 2
    assert blobs.size() == 100_005


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB of its own; only the superuser can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs a superuser who may mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("make", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
def test_a_full_disk_is_said_and_leaves_nothing_half(make: Callable[[Path], Blobs], disk: Path) -> None:
    blobs = make(disk)
    digest = put(blobs, b"a" * 500_000)
    with pytest.raises(StoreError, match="no space left") as caught:
        put(blobs, b"b" * 3_000_000)
    assert caught.value.hint
    assert blobs.size() == 500_000
    assert blobs.has(digest)
    assert put(blobs, b"c" * 300_000)


@pytest.mark.parametrize("make", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
def test_a_read_only_disk_is_said_and_still_read(make: Callable[[Path], Blobs], disk: Path) -> None:
    blobs = make(disk)
    digest = put(blobs, b"abc")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StoreError, match="can't be written"):
        put(blobs, b"other")
    with blobs.open(digest) as source:
        assert source.read() == b"abc"
    assert blobs.size() == 3
