"""Names and addresses of a room and of services that are not in its network."""

from understudy.runtimes.oci_client import Client, Json

_RENAME = """\
text=
while IFS= read -r line; do
  case $line in *[[:space:]]"$2") ;; *) text="$text$line
" ;; esac
done </etc/hosts
printf '%s%s\\t%s\\n' "$text" "$1" "$2" >/etc/hosts
"""


def address_of(client: Client, container: str) -> str:
    """The address of `container` in the engine's network; empty where it has none."""
    said: Json = client.get(f"/containers/{container}/json")
    networks = ((said or {}).get("NetworkSettings") or {}).get("Networks") or {}
    found = (str(network.get("IPAddress") or "") for network in networks.values() if isinstance(network, dict))
    return next((address for address in found if address), "")


def names_of_room(client: Client, room: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """What a container outside of the network of `room` must know (`NAME:ADDRESS`) to find those in it by `aliases`."""
    address = address_of(client, room)
    return tuple(f"{alias}:{address}" for alias in aliases) if address else ()


def rename_in_room(client: Client, room: str, alias: str, address: str) -> None:
    """Lets `alias` mean `address` in the network of `room`, whatever it meant. Raises EngineError, UnreachableError."""
    client.execute(room, ("sh", "-c", _RENAME, "rename", address, alias))
