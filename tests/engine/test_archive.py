"""What of an archive out of a room is taken, and what never is."""

import io
import tarfile
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from understudy.engine.archive import Bounds, Contents, Refused, members, screened

Entry = tuple[str, bytes, str]
"""Name, type and link target; regular files hold their own name."""

REG, DIR, SYM, LNK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
FIFO, CHR, BLK = tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE


def tar_of(*entries: Entry, form: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as tar:
        for name, kind, link in entries:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            content = name.encode(errors="surrogateescape") if kind == REG else b""
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    target.seek(0)
    return target


def taken(source: BinaryIO, contents: Contents | None = None, rename: Callable[[str], str] = str) -> dict[str, str]:
    """What the standard library finds in what was let through: names with link target or content."""
    kept = screened(source, contents or Contents(), rename, rename).read()
    found = {}
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            found[info.name] = file.read().decode() if file else info.linkname or "/"
    return found


HONEST = (("d", DIR, ""), ("d/f", REG, ""), ("d/l", SYM, "/usr/bin/python3"), ("d/h", LNK, "d/f"), ("./e//g", REG, ""))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_an_honest_archive_passes_whole(form: int) -> None:
    expected = {"d": "/", "d/f": "d/f", "d/l": "/usr/bin/python3", "d/h": "d/f", "e/g": "./e//g"}
    contents = Contents()
    assert taken(tar_of(*HONEST, form=form), contents) == expected
    assert contents.names() == {"d/f", "d/l", "d/h", "e/g"}
    assert contents.entries == 5


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_and_strange_names_pass(form: int) -> None:
    long = "/".join(["deep" * 10] * 10)
    assert taken(tar_of((long, REG, ""), ("l", SYM, long), ("naïve ☃", REG, ""), form=form)) == {
        long: long,
        "l": long,
        "naïve ☃": "naïve ☃",
    }


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([("/etc/passwd", REG, "")], "absolute name `/etc/passwd`"),
        ([("../up", REG, "")], "leads upwards"),
        ([("a/../../up", REG, "")], "leads upwards"),
        ([("l", SYM, "/etc"), ("l/passwd", REG, "")], "through the link `l`"),
        ([("a/l", SYM, ".."), ("a/l/b/c", DIR, "")], "through the link `a/l`"),
        ([("l", SYM, "/etc/passwd"), ("l", REG, "")], "over a link"),
        ([("l", SYM, "/etc"), ("./l", DIR, "")], "over a link"),
        ([("l", SYM, "/a"), ("l", SYM, "/b")], "over a link"),
        ([("f", REG, ""), ("f", SYM, "/etc")], "both a file and a link"),
        ([("h", LNK, "/etc/passwd")], "absolute name"),
        ([("h", LNK, "../../etc/passwd")], "leads upwards"),
        ([("h", LNK, "elsewhere")], "not in the archive"),
        ([("l", SYM, "/etc/passwd"), ("h", LNK, "l")], "not in the archive"),
        ([("x", b"Z", "")], "of a kind"),
    ],
)
def test_what_no_honest_archive_holds_is_refused(entries: list[Entry], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        taken(tar_of(*entries))


def test_the_same_link_twice_is_fine() -> None:
    assert taken(tar_of(("l", SYM, "/a"), ("l", SYM, "/a"))) == {"l": "/a"}


def test_devices_are_left_out_and_named() -> None:
    contents = Contents()
    assert taken(tar_of(("p", FIFO, ""), ("c", CHR, ""), ("b", BLK, ""), ("f", REG, "")), contents) == {"f": "f"}
    assert contents.left_out == ["`p`, a named pipe", "`c`, a device", "`b`, a device"]


def test_bounds() -> None:
    many = tar_of(*((f"f{index}", REG, "") for index in range(11)))
    with pytest.raises(Refused, match="more than 10 entries"):
        taken(many, Contents(Bounds(entries=10)))
    with pytest.raises(Refused, match="larger than 3 bytes"):
        taken(tar_of(("four", REG, "")), Contents(Bounds(size_bytes=3)))


def test_a_declared_size_counts_before_its_bytes_come() -> None:
    info = tarfile.TarInfo("bomb")
    info.size = 1 << 50
    with pytest.raises(Refused, match="larger than"):
        taken(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT)))


def test_a_huge_header_is_refused_unread() -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 40
    with pytest.raises(Refused, match="header of"):
        taken(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT)))


def test_names_have_bounds() -> None:
    with pytest.raises(Refused, match="a name of 5,000 characters"):
        taken(tar_of(("a" * 5000, REG, "")))
    with pytest.raises(Refused, match="a name of 5,000 characters"):
        taken(tar_of(("l", SYM, "a" * 5000)))
    with pytest.raises(Refused, match="longer than 30 bytes"):
        taken(tar_of(*((f"d/name-{index}", REG, "") for index in range(9))), Contents(Bounds(names_bytes=30)))


def test_headers_without_entries_have_an_end() -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 512
    header = info.tobuf(tarfile.GNU_FORMAT) + b"512 a=" + b"x" * 505 + b"\n"
    with pytest.raises(Refused, match="more than 20 headers"):
        taken(io.BytesIO(header * 30), Contents(Bounds(entries=20)))


@pytest.mark.timeout(30)
def test_a_header_of_very_many_records_is_read_once() -> None:
    records = b"5 a=\n" * 200_000
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(records)
    data = info.tobuf(tarfile.GNU_FORMAT) + records + bytes(-len(records) % 512)
    assert taken(io.BytesIO(data + tar_of(("f", REG, "")).read())) == {"f": "f"}


@pytest.mark.timeout(60)
def test_ten_million_entries_are_given_up_early() -> None:
    """The reader is asked for no more than the bound, however long the stream is."""
    block = tarfile.TarInfo("d").tobuf(tarfile.GNU_FORMAT)
    given = 0

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            nonlocal given
            given += size == len(block)
            return block[:size]

    with pytest.raises(Refused, match="more than 50,000 entries"):
        for _ in members(Endless(), Contents(Bounds(entries=50_000))):  # type: ignore[arg-type] # it reads, and no more
            pass
    assert given == 50_001


def test_the_bounds_are_those_that_the_documents_declare() -> None:
    assert Bounds() == Bounds(entries=1_000_000, size_bytes=64 << 30, names_bytes=256 << 20)


def test_names_need_not_be_text() -> None:
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    contents = Contents()
    kept = screened(tar_of((name, REG, "")), contents).read()
    assert contents.names() == {name}
    with tarfile.open(fileobj=io.BytesIO(kept), errors="surrogateescape") as tar:
        assert tar.getnames() == [name]


def test_of_two_entries_of_one_name_both_pass_in_order() -> None:
    kept = screened(tar_of(("f", REG, ""), ("./f", REG, "")), Contents()).read()
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        assert tar.getnames() == ["f", "f"]


def test_sparse_files_and_endless_padding_are_refused() -> None:
    info = tarfile.TarInfo("f")
    info.pax_headers = {"GNU.sparse.major": "1"}
    with pytest.raises(Refused, match="sparse"):
        taken(io.BytesIO(info.tobuf(tarfile.PAX_FORMAT)))
    with pytest.raises(Refused, match="after its end"):
        taken(io.BytesIO(tar_of(("f", REG, "")).read() + bytes(2 << 20)))


def test_rights_beyond_the_ordinary_are_dropped() -> None:
    info = tarfile.TarInfo("f")
    info.mode, info.uid = 0o6755, 1234
    kept = screened(io.BytesIO(info.tobuf() + bytes(1024)), Contents()).read()
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        (found,) = tar.getmembers()
    assert (found.mode, found.uid) == (0o755, 0)


def test_names_and_links_move_together() -> None:
    entries = (("old/f", REG, ""), ("old/h", LNK, "old/f"), ("l", SYM, "/old/f"), ("r", SYM, "old/f"))
    moved = taken(tar_of(*entries), rename=lambda name: name.replace("old/", "new/"))
    assert moved == {"new/f": "old/f", "new/h": "new/f", "l": "/new/f", "r": "old/f"}


@pytest.mark.parametrize("size", [1, 100, 511, 513, 1000, 1024])
def test_an_archive_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Refused):
        list(_drained(io.BytesIO(tar_of(("f" * 90, REG, "")).read()[:size])))


def _drained(source: BinaryIO) -> list[str]:
    return [info.name + body.read().decode() for info, body in members(source, Contents())]


names = st.lists(st.sampled_from(["a", "b", "..", ".", "", "l"]), min_size=1, max_size=4).map("/".join)
entries = st.tuples(names.filter(bool), st.sampled_from([REG, DIR, SYM, LNK, FIFO]), names)


@given(st.lists(entries, max_size=8))
@example([("l", SYM, ".."), ("l/a", REG, "")])
def test_whatever_passes_stays_inside(found: list[Entry]) -> None:
    try:
        kept = screened(tar_of(*found), Contents()).read()
    except Refused:
        return
    links: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        for info in tar:
            parts = info.name.split("/")
            assert not info.name.startswith("/")
            assert ".." not in parts
            assert not any("/".join(parts[:depth]) in links for depth in range(1, len(parts)))
            if info.issym():
                links[info.name] = info.linkname
            else:
                assert info.name not in links
            assert info.isreg() or info.isdir() or info.issym() or info.islnk()


@given(st.binary(max_size=2000))
def test_noise_is_refused_or_empty(noise: bytes) -> None:
    with suppress(Refused):
        assert _drained(io.BytesIO(noise)) == []


@given(st.integers(0, 1535), st.integers(0, 255))
def test_a_damaged_byte_never_raises_anything_else(at: int, value: int) -> None:
    data = bytearray(tar_of(("a/" * 60 + "f", REG, ""), form=tarfile.PAX_FORMAT).read())
    data[at] = value
    with suppress(Refused):
        assert len(_drained(io.BytesIO(bytes(data)))) <= 1
