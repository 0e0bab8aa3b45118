"""What keeps tables and files in an engine: as long as anybody has it, they stay; afterwards the engine forgets them."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterator, Sequence


class Lease:
    """A token carried by a value whose tables and files lie in an engine; copies of the value carry the same one.

    It carries the leases of the tables that its own rest on.
    """

    __slots__ = ("__weakref__", "rests_on")

    def __init__(self, rests_on: Sequence[Lease] = ()) -> None:
        self.rests_on = tuple(rests_on)


class EndedLeases:
    """The texts that name what nobody has any more, of leases that ended.

    A lease may end at any moment, in the middle of a query too, so that its end is only noted here; the engine asks when it is about
    to read another log.
    """

    def __init__(self) -> None:
        self._texts: deque[tuple[str, ...]] = deque()

    def until(self, lease: Lease, texts: Sequence[str]) -> None:
        """Note the texts when the lease ends."""
        weakref.finalize(lease, self._texts.append, tuple(texts)).atexit = False

    def taken(self) -> Iterator[str]:
        """The texts noted so far, each once."""
        while self._texts:
            yield from self._texts.popleft()
