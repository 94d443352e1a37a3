"""What only so many may have at a time: serial groups, the cells of a matrix, a pipeline's concurrency group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from understudy.plan.plan import Node


@dataclass(frozen=True, slots=True)
class Hold:
    """A thing that at most `most` owners have at a time; an owner may have it several times over.

    `lasting`: it is given back only when the whole pipeline of the node has ended; `until`: only when the job with that
    key has.
    """

    name: str
    owner: str
    most: int = 1
    lasting: bool = False
    until: str = ""


def serial(node: Node) -> tuple[Hold, ...]:
    """The serial group of the job of `node`: one job has it at a time, in all of its rooms."""
    return () if node.job.group is None else (Hold(f"group {node.job.group}", node.key),)


class Holds:
    """Who has what, and who waits for it. For one thread."""

    def __init__(self, of: Callable[[Node], tuple[Hold, ...]]) -> None:
        """`of`: what a node needs to have while it runs; asked when it is about to start."""
        self._of = of
        self._owners: dict[str, dict[str, int]] = {}
        self._waiting: dict[str, list[str]] = {}
        self._taken: dict[str, tuple[Hold, ...]] = {}
        self._lasting: dict[str, dict[str, Hold]] = {}
        self._until: dict[str, dict[str, Hold]] = {}

    @property
    def last(self) -> bool:
        """Whether anything is held until a pipeline ends."""
        return bool(self._lasting)

    def take(self, node: Node) -> bool:
        """Takes all that `node` needs, or nothing: then it waits, and `release` gives it back."""
        holds = self._of(node)
        for one in holds:
            owners = self._owners.get(one.name, {})
            if one.owner not in owners and len(owners) >= one.most:
                self._waiting.setdefault(one.name, []).append(node.id)
                return False
        for one in holds:
            owners = self._owners.setdefault(one.name, {})
            if one.lasting:
                self._lasting.setdefault(node.lead, {})[one.name] = one
                owners[one.owner] = 1
            elif one.until:
                self._until.setdefault(one.until, {})[one.name] = one
                owners[one.owner] = 1
            else:
                owners[one.owner] = owners.get(one.owner, 0) + 1
        self._taken[node.id] = tuple(one for one in holds if not one.lasting and not one.until)
        return True

    def release(self, node: Node, *, over: bool) -> Iterator[str]:
        """Gives back what `node` has; yields the nodes that may try again. `over`: its pipeline has ended."""
        for one in self._taken.pop(node.id, ()):
            yield from self._give_back(one)
        for one in self._until.pop(node.key, {}).values():
            yield from self._give_back(one)
        if over:
            for one in self._lasting.pop(node.lead, {}).values():
                yield from self._give_back(one)

    def _give_back(self, hold: Hold) -> Iterator[str]:
        owners = self._owners[hold.name]
        owners[hold.owner] -= 1
        if not owners[hold.owner]:
            del owners[hold.owner]
            yield from self._waiting.pop(hold.name, ())
