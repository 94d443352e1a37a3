"""The image that a pipe is, by how a file names it.

See https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/ and
https://support.atlassian.com/bitbucket-cloud/docs/write-a-pipe-for-bitbucket-pipelines/.
"""

import re
from dataclasses import dataclass

PAGE = "https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/"
_DOCKER = "docker://"
_ATLASSIAN = "atlassian"
_REFERENCE = re.compile(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+):(?P<version>[\w.-]+)")


@dataclass(frozen=True, slots=True)
class PipeImage:
    """`image`; `owner` and `name` of the pipe, empty for a plain image; `sure`: no file of the pipe says otherwise."""

    image: str
    owner: str = ""
    name: str = ""
    sure: bool = True


def image_of(reference: str) -> PipeImage | None:
    """The image of the pipe `reference`; None for what names none.

    A pipe's own repository says what its image is. Atlassian's are all called alike; of others this is a guess, and
    their makers' custom.
    """
    if reference.startswith(_DOCKER):
        image = reference.removeprefix(_DOCKER)
        return PipeImage(image) if image else None
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    owner, name, version = found["owner"], found["name"], found["version"]
    if owner == _ATLASSIAN:
        return PipeImage(f"bitbucketpipelines/{name}:{version}", owner, name)
    return PipeImage(f"{owner}/{name}:{version}", owner, name, sure=False)
