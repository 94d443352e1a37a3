"""On which ports of the room a job's services are found."""

from collections.abc import Mapping

from understudy.model.pipeline import Job


def ports_of(job: Job) -> Mapping[str, Mapping[str, str]]:
    """By service, the port where each port of its container is found.

    A room and its services share one network, so that is the same number; a service that wants another one on the
    host (`8080:80`) has it there under the container's own. See
    https://docs.github.com/actions/reference/workflows-and-actions/contexts#job-context.
    """
    return {service.alias: dict(map(_port, service.ports)) for service in job.services if service.alias}


def _port(written: str) -> tuple[str, str]:
    """`80`, `8080:80`, `127.0.0.1:8080:80/tcp`: the container's port, without its protocol, and where it is found."""
    inside = written.rpartition(":")[2].partition("/")[0]
    return inside, inside
