"""Items made ahead in a thread of their own: a file is parsed, normalized and written at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

_Item = TypeVar("_Item")
_AHEAD = 1


def prefetched(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items, made while the ones before are used. What making them raises is raised here.

    Closing the generator, or an error of whoever uses it, stops the thread after the item it is at.
    """
    queue: Queue[tuple[_Item | None, BaseException | None]] = Queue(_AHEAD)
    stop = Event()

    def make() -> None:
        try:
            for item in items:
                queue.put((item, None))
                if stop.is_set():
                    return
            queue.put((None, StopIteration()))
        except BaseException as error:  # noqa: BLE001 - raised again on the other side
            queue.put((None, error))

    thread = Thread(target=make, name="reader", daemon=True)
    thread.start()
    try:
        while True:
            item, error = queue.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # None comes with an error alone
    finally:
        stop.set()
        while thread.is_alive():
            while not queue.empty():
                queue.get_nowait()
            thread.join(0.05)
