"""The image of a step or a service, with what it takes to pull it."""

from collections.abc import Mapping

from understudy.dialects.bitbucket.nodes import member, text_of
from understudy.dialects.bitbucket.parts import DEFAULT_IMAGE
from understudy.findings import Position
from understudy.model.pipeline import Container, Text
from understudy.text import yaml

_BASIC = ("username", "password")
_AWS = {"access-key": "aws_access_key_id", "secret-key": "aws_secret_access_key", "oidc-role": "oidc_role_arn"}


def container_of(node: yaml.Node | None, at: Position) -> Container:
    """The container of `image:`, short or long; the service's own where there is none.

    See https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/.
    """
    name = text_of(node) or text_of(member(node, "name"))
    if name is None:
        return Container(Text(DEFAULT_IMAGE, at))
    return Container(name, user=text_of(member(node, "run-as-user")), credentials=_credentials(node))


def _credentials(node: yaml.Node | None) -> Mapping[str, Text]:
    found = {key: text_of(member(node, key)) for key in _BASIC}
    found |= {name: text_of(member(node, "aws", key)) for key, name in _AWS.items()}
    return {key: value for key, value in found.items() if value is not None}
