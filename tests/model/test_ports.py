"""Which services can share one network, and where their ports are found."""

import pytest

from understudy.model.pipeline import Container, Text
from understudy.model.ports import Port, apart, found_at, wanted


def services(*ports: tuple[str, ...]) -> list[Container]:
    return [Container(Text("image"), f"s{index}", ports=one) for index, one in enumerate(ports)]


def test_ports_as_a_file_has_them() -> None:
    ports = wanted(Container(Text("x"), ports=("80", "8080:80/tcp", "127.0.0.1:53:5353/udp")))
    assert ports == (Port("80", "", "tcp"), Port("80", "8080", "tcp"), Port("5353", "53", "udp"))


@pytest.mark.parametrize(
    ("ports", "lone"),
    [
        ((("80",), ("81",)), set()),
        ((("80",), ("80",)), {1}),
        ((("8080:80",), ("8081:80",), ("8082:80",)), {1, 2}),
        ((("8080:80",), ("80:80",)), {0}),
        ((("80", "90"), ("81", "90")), {1}),
    ],
)
def test_those_with_a_port_that_is_taken_are_apart(ports: tuple[tuple[str, ...], ...], lone: set[int]) -> None:
    assert apart(services(*ports)) == lone


def test_what_an_image_exposes_counts_where_a_file_names_nothing() -> None:
    assert apart(services((), ()), [(5432,), (5432,)]) == {1}
    assert apart(services(("5432",), ()), [(1, 2), (5432,)]) == {1}
    assert apart(services((), ()), [(), ()]) == set()


def test_where_ports_are_found() -> None:
    assert found_at(services(("8080:80",), ("90",))) == ({"80": "80"}, {"90": "90"})
    assert found_at(services(("80",), ("8081:80",), ("80",))) == ({"80": "80"}, {"80": "8081"}, {"80": "49152"})
