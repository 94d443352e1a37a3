"""Names that the store gives."""

import re

from understudy.store.names import file_name, fresh_id, prefixes


def test_ids_grow_as_the_store_fills_up() -> None:
    lengths = [len(fresh_id(runs, lambda _: False)) for runs in (0, 8191, 8192, 131_071, 131_072, 10_000_000)]
    assert lengths == [4, 4, 5, 5, 6, 7]


def test_a_taken_id_is_not_given_again() -> None:
    asked: list[str] = []

    def taken(candidate: str) -> bool:
        asked.append(candidate)
        return len(asked) < 4

    run = fresh_id(0, taken)
    assert run == asked[3]
    assert len(asked) == 4
    assert re.fullmatch("[0-9a-f]{4}", run)


def test_the_beginnings_of_an_id() -> None:
    assert prefixes("abcd") == ()
    assert prefixes("abcdef") == ("abcd", "abcde")


def test_file_names_fit_and_stay_readable() -> None:
    assert file_name("build-3.11") == "build-3.11"
    assert file_name("テスト") == "テスト"
    assert re.fullmatch("unit_tests_~[0-9a-f]{16}", file_name("unit tests!"))
    for name in ("é" * 1000, "." * 1000, "a/" * 1000, "x" * 201):
        assert 0 < len(file_name(name).encode()) <= 255
        assert not file_name(name).startswith(".")
    assert len({file_name("x" * size) for size in range(190, 300)}) == 110
