"""Commands and the network: a place without one, and a list of the hosts looked up."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_HOOK = """
import os, sys

def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host not in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "None"):
        with open(os.environ["HOSTS_FILE"], "a") as file:
            file.write(f"{host} by {sys.orig_argv}\\n")

sys.addaudithook(watch)
"""

# Turns the loopback interface on, which a new network has off, and becomes the command.
_WITH_LOOPBACK = """
import fcntl, os, socket, struct, sys

with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Watch:
    """A list of the hosts that Python processes look up or connect to, but for this machine."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """Variables under which each Python process, and those that it starts, are watched."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "sitecustomize.py").write_text(_HOOK)
        paths = [str(self.folder), os.environ.get("PYTHONPATH", "")]
        return {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "HOSTS_FILE": str(self.folder / "hosts"),
        }

    def hosts(self) -> list[str]:
        """Each look-up, and which command made it."""
        file = self.folder / "hosts"
        return file.read_text().splitlines() if file.exists() else []


def without_network() -> list[str]:
    """The words before a command that take its network away; empty where that is not allowed."""
    place = ["unshare", "--map-root-user", "--net", sys.executable, "-c", _WITH_LOOPBACK]
    try:
        tried = subprocess.run([*place, sys.executable, "-c", ""], capture_output=True)
    except FileNotFoundError:
        return []
    return place if tried.returncode == 0 else []
