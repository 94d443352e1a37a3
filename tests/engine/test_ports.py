"""Where the ports of services are found.

https://docs.github.com/actions/reference/workflows-and-actions/contexts#job-context
"""

from understudy.engine.ports import ports_of
from understudy.findings import NOWHERE
from understudy.model.pipeline import Container, Job, Text


def test_by_alias_and_the_containers_own_port() -> None:
    redis = Container(Text("redis"), "redis", ports=("6379:6379", "8080:80/tcp", "53/udp", "127.0.0.1:5433:5432"))
    job = Job("j", Text("j"), NOWHERE, services=(redis, Container(Text("x"))))
    assert ports_of(job) == {"redis": {"6379": "6379", "80": "80", "53": "53", "5432": "5432"}}
