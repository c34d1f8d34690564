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
        items: what to read.
        read: reads one, in a thread of its own.
        size: an upper bound of the bytes that a read gives.
        most_items: read at a time, or read and not yet given.
        most_bytes: the same in bytes. A larger item is read alone.
    """
    waiting = deque(items)
    ahead: deque[tuple[Item, Future[Content]]] = deque()
    sizes = 0
    pool = ThreadPoolExecutor(most_items, thread_name_prefix="read-ahead")
    try:
        while waiting or ahead:
            while waiting and len(ahead) < most_items:
                if ahead and sizes + size(waiting[0]) > most_bytes:
                    break
                item = waiting.popleft()
                sizes += size(item)
                ahead.append((item, pool.submit(read, item)))
            item, content = ahead.popleft()
            yield item, content.result
            del content  # its bytes go with the reader's
            sizes -= size(item)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
