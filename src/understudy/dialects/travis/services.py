"""What Travis CI starts beside a job: databases and the like, on `localhost`, with the users that they have there.

https://docs.travis-ci.com/user/database-setup/
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from understudy.dialects.travis.languages import Row, text, texts
from understudy.dialects.travis.variables import DIST
from understudy.findings import Position
from understudy.model.pipeline import Container, Text

PAGE = "https://docs.travis-ci.com/user/database-setup/"


@dataclass(frozen=True, slots=True)
class Service:
    """A service: the image that is it in a container, where it listens, and the programs that start it in a room."""

    image: str = ""
    port: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()


SERVICES: Mapping[str, Service] = {
    "postgresql": Service(
        "postgres",
        5432,
        {"POSTGRES_HOST_AUTH_METHOD": "trust", "POSTGRES_PASSWORD": "postgres"},
        ("postgres", "/usr/lib/postgresql/*/bin/postgres"),
    ),
    "mysql": Service("mysql", 3306, {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"}, ("mysqld", "mariadbd")),
    "mariadb": Service("mariadb", 3306, {"MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": "yes"}, ("mariadbd", "mysqld")),
    "redis-server": Service("redis:6", 6379, programs=("redis-server",)),
    "memcached": Service("memcached:1", 11211, programs=("memcached",)),
    "mongodb": Service("mongo:4.4", 27017, programs=("mongod",)),
    "rabbitmq-server": Service("rabbitmq:3", 5672, programs=("rabbitmq-server",)),
    "elasticsearch": Service("elasticsearch:7.17.9", 9200, {"discovery.type": "single-node"}),
    "cassandra": Service("cassandra:3.11", 9042),
    "couchdb": Service("couchdb:2", 5984),
    "neo4j": Service("neo4j:4.4", 7474, {"NEO4J_AUTH": "none"}),
    "rethinkdb": Service("rethinkdb:2.4", 28015, programs=("rethinkdb",)),
    "riak": Service("basho/riak-kv", 8087),
    "influxdb": Service("influxdb:1.8", 8086),
    "docker": Service(),
    "xvfb": Service(programs=("Xvfb",)),
}
"""Those that a room or a container can be."""

_ALIASES = {
    "memcache": "memcached",
    "rabbitmq": "rabbitmq-server",
    "redis": "redis-server",
    "neo4j-server": "neo4j",
    "postgres": "postgresql",
    "mongo": "mongodb",
    "cri_dockerd": "docker",
    "cri-dockerd": "docker",
}
_POSTGRESQL = {"precise": "9.1", "trusty": "9.2", "xenial": "9.6", "bionic": "10", "focal": "13", "noble": "16"}
"""https://docs.travis-ci.com/user/database-setup/#postgresql; 14 on jammy."""
_MYSQL = {"trusty": "5.6", "xenial": "5.7"}
_ADDONS = ("postgresql", "mariadb", "rethinkdb")
"""Addons that are a service of a version. https://docs.travis-ci.com/user/addons/"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service that a job asks for: by its own name, in a version, and by what the file calls it in which key."""

    name: str
    version: str
    written: str
    key: str

    @property
    def known(self) -> Service | None:
        """What it is here; None for one that nothing here can be."""
        return SERVICES.get(self.name)


def wanted(row: Row) -> tuple[Wanted, ...]:
    """The services of a job, each once; an addon goes before a service of the same name, which has a version."""
    found = {one.name: one for one in (*_services(row), *_addons(row))}
    return tuple(found.values())


def _services(row: Row) -> Iterator[Wanted]:
    for written in texts(row.get("services")):
        name = _ALIASES.get(written.lower(), written.lower())
        yield Wanted(name, _version(name, text(row.get("dist")) or DIST), written, "services")


def _addons(row: Row) -> Iterator[Wanted]:
    addons = row.get("addons")
    for name in _ADDONS:
        version = text(addons.get(name)) if isinstance(addons, Mapping) else ""
        if version:
            yield Wanted(name, version, name, "addons")


def _version(name: str, dist: str) -> str:
    if name == "postgresql":
        return _POSTGRESQL.get(dist, "14")
    return _MYSQL.get(dist, "8.0") if name == "mysql" else ""


def container(one: Wanted, at: Position) -> Container | None:
    """The container that is the service, for rooms that have containers beside them."""
    service = one.known
    if service is None or not service.image:
        return None
    image = service.image
    if ":" not in image:
        image = f"{image}:{one.version}" if one.version else image
    return Container(
        Text(image, at),
        alias=one.name,
        env={name: Text(value, at) for name, value in service.env.items()},
        ports=(f"{service.port}:{service.port}",) if service.port else (),
        programs=service.programs,
    )


def line(one: Wanted) -> str:
    """The line that has the service there by its end."""
    service = one.known
    port = str(service.port) if service and service.port else ""
    return f"travis_service {shlex.join((one.name, port, one.version))}".removesuffix(" '' ''")
