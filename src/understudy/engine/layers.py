"""What the jobs of a run hand on: layers of the workspace, seen by the jobs after them, and artifacts, by all."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from understudy.plan.plan import Node
from understudy.store.base import Digest


@dataclass(frozen=True, slots=True)
class Layer:
    """What one step of `node` added: a tar, the names of all in it but folders, and the `name` of its workspace."""

    node: str
    digest: Digest
    size_bytes: int
    names: frozenset[str]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What `node` has kept as one archive under `name`: a tar, and the names in it; `shared`: for the jobs after it."""

    node: str
    name: str
    digest: Digest
    size_bytes: int
    names: frozenset[str]
    shared: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two jobs of which neither waits for the other added the same files."""

    first: str
    second: str
    names: tuple[str, ...]

    @property
    def what(self) -> str:
        """The first of the files, and how many more there are."""
        more = len(self.names) - 1
        return f"`{self.names[0]}`" + (f" and {more} more" if more else "")


class Layers:
    """All layers of a run, in the order of their coming. Safe from threads."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        """`nodes` are those of the plan."""
        self._after: dict[str, frozenset[str]] = {node.id: node.after for node in nodes}
        self._layers: list[Layer] = []
        self._artifacts: dict[str, tuple[Digest, int]] = {}
        self._bundles: list[Bundle] = []
        self._lock = threading.Lock()

    def know(self, cells: Iterable[Node], *, in_place_of: str) -> None:
        """Nodes that have come in the place of one: what comes after that one comes after all of them."""
        several = tuple(cells)
        ids = frozenset(node.id for node in several)
        for one, after in self._after.items():
            if in_place_of in after:
                self._after[one] = after - {in_place_of} | ids
        self._after |= {node.id: node.after for node in several}

    def add(self, layer: Layer) -> None:
        """Puts `layer` on top."""
        with self._lock:
            self._layers.append(layer)

    def before(self, node: str) -> tuple[Layer, ...]:
        """What the jobs upstream of `node` added. A job's layers come after those of the jobs that it waited for."""
        upstream = self._upstream(node)
        with self._lock:
            return tuple(layer for layer in self._layers if layer.node in upstream)

    def hand_on(self, bundle: Bundle) -> None:
        """Keeps `bundle`, after all others."""
        with self._lock:
            self._bundles.append(bundle)

    def handed_on(self, node: str) -> tuple[Bundle, ...]:
        """What the jobs upstream of `node` have shared, in the order of its coming."""
        upstream = self._upstream(node)
        with self._lock:
            return tuple(bundle for bundle in self._bundles if bundle.shared and bundle.node in upstream)

    def hand_out(self, path: str, digest: Digest, size_bytes: int) -> None:
        """Makes an artifact's file known under its public path; a later one of the same path takes its place."""
        with self._lock:
            self._artifacts[path] = (digest, size_bytes)

    def artifacts(self) -> dict[str, tuple[Digest, int]]:
        """The files of all artifacts so far, by public path: digest and size in bytes."""
        with self._lock:
            return dict(self._artifacts)

    def conflicts(self, added: Iterable[Layer | Bundle]) -> Iterator[Conflict]:
        """The pairs of what was `added` of which nobody can tell which comes first, and that share files."""
        several = tuple(added)
        upstream = {node: self._upstream(node) for node in {one.node for one in several}}
        for one, other in combinations(several, 2):
            ordered = one.node == other.node or one.node in upstream[other.node] or other.node in upstream[one.node]
            if not ordered and (shared := one.names & other.names):
                yield Conflict(one.node, other.node, tuple(sorted(shared)))

    def _upstream(self, node: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(self._after.get(node, ()))
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self._after.get(one, ()))
        return frozenset(found)
