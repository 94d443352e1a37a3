"""Logins to registries: those of the CI file, of AWS, and the ones that Docker's own client keeps for the user."""

import base64
import json
import re
import subprocess
from collections.abc import Mapping

from understudy.runtimes.oci_settings import OciSettings, client_configuration

HUB = "https://index.docker.io/v1/"
HELPER_S = 20.0
_ECR = re.compile(r"\d+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


def registry_of(image: str) -> str:
    """The registry that `image` names; Docker Hub's key where it names none."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else HUB


def login_for(registry: str, credentials: Mapping[str, str], settings: OciSettings) -> dict[str, str]:
    """What to send to `registry`: the file's own credentials first, then the user's; empty for nobody's.

    `auth` and `aws_auth`: https://circleci.com/docs/reference/configuration-reference/#docker
    """
    if credentials.get("username") and credentials.get("password"):
        return _login(registry, credentials["username"], credentials["password"])
    if (region := _ECR.fullmatch(registry)) and "aws_access_key_id" in credentials:
        password = _of_aws(region[1], credentials)
        if password:
            return _login(registry, "AWS", password)
    return _of_user(registry, settings)


def _login(registry: str, username: str, password: str) -> dict[str, str]:
    return {"username": username, "password": password, "serveraddress": registry}


def _of_aws(region: str, credentials: Mapping[str, str]) -> str:
    """A password of ECR by AWS's own program; empty where that isn't here or refuses."""
    environment = {name.upper(): value for name, value in credentials.items() if name.startswith("aws_")}
    path = "/usr/local/bin:/usr/bin:/bin"
    command = ("aws", "ecr", "get-login-password", "--region", region)
    return _said(command, "", {"PATH": path, **environment}).strip()


def _of_user(registry: str, settings: OciSettings) -> dict[str, str]:
    """https://docs.docker.com/reference/cli/docker/login/#credential-stores."""
    configuration = client_configuration(settings)
    helpers = configuration.get("credHelpers")
    helper = helpers.get(registry) if isinstance(helpers, dict) else None
    helper = helper or configuration.get("credsStore")
    if isinstance(helper, str) and re.fullmatch(r"[\w.-]+", helper):
        answer = _said((f"docker-credential-{helper}", "get"), registry, None)
        try:
            found = json.loads(answer)
            return _login(registry, found["Username"], found["Secret"])
        except (ValueError, KeyError, TypeError):
            pass
    logins = configuration.get("auths")
    kept = logins.get(registry) if isinstance(logins, dict) else None
    if not isinstance(kept, dict):
        return {}
    if kept.get("identitytoken"):
        return {"identitytoken": str(kept["identitytoken"]), "serveraddress": registry}
    try:
        name, _, password = base64.b64decode(str(kept.get("auth", ""))).decode().partition(":")
    except ValueError:
        return {}
    return _login(registry, name, password) if name else {}


def _said(command: tuple[str, ...], text: str, environment: Mapping[str, str] | None) -> str:
    """What a helper prints; empty when it fails."""
    try:
        ended = subprocess.run(
            command, input=text, env=environment, capture_output=True, text=True, timeout=HELPER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout if ended.returncode == 0 else ""
