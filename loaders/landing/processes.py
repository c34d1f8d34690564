"""Whether a process of this machine is still the one that it was."""

import os
import socket
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """What Linux says of a living process; nothing of a dead one, or on another system."""

    started: str | None = None  # ticks since the machine's start: tells a PID used again apart
    parent: int | None = None


def look(pid: int) -> Process:
    """What there is to know of a process. A zombie is dead: its parent has not asked yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return Process()
    state, parent, *rest = stat.rpartition(")")[2].split()  # the name before may hold anything
    return Process() if state in "ZX" else Process(started=rest[17], parent=int(parent))


def is_running(pid: int, started: str | None) -> bool:
    """Whether a process is there, and is the one that started then."""
    if started is not None:
        return look(pid).started == started
    try:  # no Linux
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def pid_space() -> str:
    """Where a PID means the same process: a machine since its start, or a container in it.

    The host's name alone will not do: containers in the cloud are all called the same.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # no Linux
        return socket.gethostname()
