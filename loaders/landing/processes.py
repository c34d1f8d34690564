"""Processes of this machine: what tells one from another that came to have its number."""

import os
import socket
from pathlib import Path


def started(pid: int) -> str | None:
    """Tell when a living process started, in ticks since the machine did; None for a dead one.

    A zombie is dead: its parent has not asked yet. None, too, on a system without ``/proc``.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold anything
    return None if fields[0] in "ZX" else fields[19]


def pid_space() -> str:
    """Name where a PID means the same process: a machine since its start, or a container in it.

    The host's name alone will not do: containers in the cloud are all called the same. Empty on a
    system without ``/proc``, where nobody can tell.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""
