"""Reading ahead of the reader, where each read waits for a network."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Content = TypeVar("Content")


def read_ahead(
    items: Iterable[Item],
    read: Callable[[Item], Content],
    *,
    size: Callable[[Item], int],
    most_items: int,
    most_bytes: int,
) -> Iterator[tuple[Item, Callable[[], Content]]]:
    """Read some items at a time, and give them in order.

    What a read raises is raised by the call that asks for its content, after all items before it
    were given. Reads that nobody will ask for are not begun, and none outlives the process.

    Args:
        items: what to read, each taken when the read of the one before it has begun.
        read: reads one, in a thread of its own.
        size: an upper bound of the bytes that a read gives.
        most_items: read at a time, or read and not yet given.
        most_bytes: the same in bytes. A larger item is read alone.
    """
    ahead: deque[tuple[Item, Future[Content]]] = deque()
    sizes = 0
    pool = ThreadPoolExecutor(most_items, thread_name_prefix="read-ahead")

    def give_first() -> Iterator[tuple[Item, Callable[[], Content]]]:
        nonlocal sizes
        item, content = ahead.popleft()
        yield item, content.result
        sizes -= size(item)

    try:
        for item in items:
            while ahead and (len(ahead) == most_items or sizes + size(item) > most_bytes):
                yield from give_first()
            sizes += size(item)
            ahead.append((item, pool.submit(read, item)))
            del item  # what it holds goes with the reader's
        while ahead:
            yield from give_first()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
