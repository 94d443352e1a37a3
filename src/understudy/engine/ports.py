"""On which ports of the room a job's services are found."""

from collections.abc import Mapping

from understudy.model.pipeline import Job
from understudy.model.ports import found_at


def ports_of(job: Job) -> Mapping[str, Mapping[str, str]]:
    """By service, the port where each port of its container is found.

    A room and its services share one network, so that is the same number; a service that wants another one on the
    host (`8080:80`) has it there under the container's own. Of two that have the same port one has a network of its
    own, and is found at the other number. See
    https://docs.github.com/actions/reference/workflows-and-actions/contexts#job-context.
    """
    places = zip(job.services, found_at(job.services), strict=True)
    return {service.alias: found for service, found in places if service.alias}
