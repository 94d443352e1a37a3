"""The entrypoint of a job's own image: the first process of its container, beside which the agent runs the steps.

Without one the agent is the first process. On CircleCI an image's own entrypoint is ignored, unless the image insists;
one that the file gives is performed, and a job ends with it:
https://circleci.com/docs/reference/configuration-reference/#docker
https://circleci.com/docs/guides/execution-managed/custom-images/#adding-an-entrypoint
"""

import contextlib
import shlex
from collections.abc import Iterator

from understudy.errors import MachineError, RoomError
from understudy.runtimes.base import RoomSpec
from understudy.runtimes.oci_body import Draft
from understudy.runtimes.oci_client import Client, Json
from understudy.runtimes.oci_images import Image
from understudy.runtimes.oci_logs import last_words, log_of
from understudy.runtimes.oci_room import COMMAND, state_of
from understudy.runtimes.oci_services import ending

LOG = "entrypoint"
_END_S = 1.0
_HINT = "it must run for as long as the job does; what only prepares something can be a background step"


def entry_of(spec: RoomSpec, image: Image) -> tuple[str, ...]:
    """What the room's container is started with, by the file or else by the image; empty where the agent is first.

    As Docker has it, a command is arguments of the entrypoint, or the program where there is none, and an entrypoint
    that is given takes no arguments from the image's own command:
    https://circleci.com/docs/reference/configuration-reference/#docker.
    """
    if any(spec.entrypoint):
        return (*spec.entrypoint, *spec.command)
    own = () if spec.entrypoint else image.entrypoint  # one empty word says that there shall be none
    if spec.command:
        return (*own, *spec.command)
    return (*own, *image.command) if image.keeps_entrypoint and own else ()


def start_agent(client: Client, container: str, draft: Draft) -> None:
    """Has the agent run beside an entrypoint, as a process that enters the container. Raises MachineError."""
    if not draft.entry:
        return
    made: Json = client.post(f"/containers/{container}/exec", {"User": draft.user, "Cmd": list(COMMAND)})
    client.post(f"/exec/{made['Id']}/start", {"Detach": True, "Tty": False})


@contextlib.contextmanager
def explained(client: Client, container: str, draft: Draft) -> Iterator[None]:
    """Says of what fails in the block that the entrypoint has ended, where it has. Raises MachineError."""
    try:
        yield
    except MachineError as error:
        state = _settled(client, container) if draft.entry else None
        if state is None or state.get("Running", False):
            raise
        said = last_words(log_of(client, container))
        raise RoomError(
            f"{named(draft.entry)} ended before the first step ({ending(state)}){said}", hint=_HINT
        ) from error


def _settled(client: Client, container: str) -> Json:
    """The state of a container in which something failed, once it has ended, if it is about to."""
    with contextlib.suppress(MachineError):
        client.ask("POST", f"/containers/{container}/wait", timeout_s=_END_S)
    return state_of(client, container)


def named(entry: tuple[str, ...]) -> str:
    """The first process of a container, in words."""
    return f"the entrypoint `{shlex.join(entry)}`" if entry else "the first process in it"


def keep_log(client: Client, container: str, draft: Draft) -> None:
    """Hands on what an entrypoint printed, when the room ends."""
    if draft.entry and container:
        with contextlib.suppress(MachineError):
            draft.spec.keep(LOG, log_of(client, container))
