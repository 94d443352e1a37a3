"""What only so many may have at a time: serial groups, the cells of a matrix, a pipeline's concurrency group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from understudy.plan.plan import Node


@dataclass(frozen=True, slots=True)
class Hold:
    """A thing that at most `most` owners have at a time; an owner may have it several times over.

    `lasting`: it is given back only when the whole pipeline of the node has ended; `until`: only when the job with that
    key has. `single`: of the owners that wait for it only the newest does; `cancels`: the newest ends the one before.
    """

    name: str
    owner: str
    most: int = 1
    lasting: bool = False
    until: str = ""
    single: bool = False
    cancels: bool = False


def owner_of_pipeline(node: Node) -> str:
    """What the pipeline of `node` is called as an owner."""
    return f"pipeline {node.lead}"


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
        self._lines: dict[str, list[str]] = {}
        self._displaced: list[tuple[str, str]] = []

    @property
    def last(self) -> bool:
        """Whether anything is held, or waited for, until a pipeline ends."""
        return bool(self._lasting or self._lines)

    def arrive(self, node: Node) -> None:
        """Takes in that `node` may start but for what it needs to have: others may have to give way to it.

        Each owner counts once, whether there is room for it to start or not.
        """
        for one in self._of(node):
            if not one.single and not one.cancels:
                continue
            line = self._lines.setdefault(one.name, [])
            if one.owner in line:
                continue
            kept = [] if one.cancels else line[:1] if one.single else line
            reason = f"a newer one wants the {one.name}"
            self._displaced += [(owner, reason) for owner in line[len(kept) :]]
            self._lines[one.name] = [*kept, one.owner]

    def displaced(self) -> tuple[str, str] | None:
        """The next owner that is to end, and why."""
        return self._displaced.pop(0) if self._displaced else None

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
        self._leave(node.key)
        if over:
            self._leave(owner_of_pipeline(node))
            for one in self._lasting.pop(node.lead, {}).values():
                yield from self._give_back(one)

    def _leave(self, owner: str) -> None:
        for name in [name for name, line in self._lines.items() if owner in line]:
            self._lines[name].remove(owner)
            if not self._lines[name]:
                del self._lines[name]

    def _give_back(self, hold: Hold) -> Iterator[str]:
        owners = self._owners[hold.name]
        owners[hold.owner] -= 1
        if not owners[hold.owner]:
            del owners[hold.owner]
            yield from self._waiting.pop(hold.name, ())
