"""A browser without a window, driven by Chromium's own protocol over a pipe: no driver, no port."""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

# Seconds that an answer may take on a busy machine.
_PATIENCE = 120

_KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    " ": 32,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}


class Browser:
    """A running browser: commands go to it one at a time, and what it tells is kept."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Give a command and wait for its answer.

        Raises:
            RuntimeError: the browser refuses it.
            TimeoutError: it does not answer.
        """
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE
        while True:
            told = self._read(until)
            if told.get("id") == self._number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]
            self.events.append(told)

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._from, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, address: str, *, width: int = 1280, is_dark: bool = False) -> "Page":
        """Open an address in a page of its own, whose requests and complaints are kept."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.send(f"{domain}.enable")
        page.set_device(width, is_dark=is_dark)
        page.send("Page.addScriptToEvaluateOnNewDocument", source=_VIOLATIONS)
        page.send("Page.navigate", url=address)
        return page


# What the policy of a page refuses is told to the console, which is watched.
_VIOLATIONS = """addEventListener("securitypolicyviolation", event =>
console.error("policy", event.violatedDirective, event.blockedURI, event.sample))"""


class Page:
    """A page of the browser."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **parameters)

    def set_device(self, width: int, *, is_dark: bool = False) -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.send("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, script: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression holds.

        Raises:
            TimeoutError: it does not, or the page has broken.
        """
        until = time.monotonic() + _PATIENCE
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until or self._told("Runtime.exceptionThrown"):
                raise TimeoutError(f"{condition}; {self.complaints()}")
            time.sleep(0.02)

    def press(self, key: str, *, modifiers: int = 0) -> None:
        """Press and release a key by its name."""
        code = _KEYS[key]
        pressed = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": code,
            "modifiers": modifiers,
        }
        typed = {"text": {" ": " ", "Enter": "\r"}[key]} if key in (" ", "Enter") else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **pressed, **typed)
        self.send("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def point(self, x: float, y: float) -> None:
        """Move the pointer."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self) -> bytes:
        """The whole page as PNG."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        answer = self.send("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return b64decode(answer["data"])

    def _told(self, method: str) -> list[dict[str, Any]]:
        return [
            told["params"]
            for told in self._browser.events
            if told.get("sessionId") == self._session and told["method"] == method
        ]

    def complaints(self) -> list[str]:
        """All that the page or the browser said on the console, and each uncaught error."""
        said = [
            " ".join(str(one.get("value", one.get("description"))) for one in told["args"])
            for told in self._told("Runtime.consoleAPICalled")
        ]
        logged = [told["entry"]["text"] for told in self._told("Log.entryAdded")]
        thrown = [json.dumps(one)[:2000] for one in self._told("Runtime.exceptionThrown")]
        return said + logged + thrown

    def requests(self) -> list[str]:
        """Addresses that the page asked for, but for what it made itself."""
        asked = [told["request"]["url"] for told in self._told("Network.requestWillBeSent")]
        return [address for address in asked if not address.startswith(("data:", "blob:"))]


@contextlib.contextmanager
def running_browser(profile: Path) -> Iterator[Browser]:
    """A browser that lives as long as the context, with nothing of its user's."""
    to_read, to_write = _pipe()
    from_read, from_write = _pipe()
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
        *("--no-first-run", "--disable-background-networking", "--hide-scrollbars"),
        f"--user-data-dir={profile}",
    ]
    log = str(profile.with_suffix(".log"))
    # Chromium reads commands from file 3, and writes to file 4.
    files = [
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        (os.POSIX_SPAWN_DUP2, to_read, 3),
        (os.POSIX_SPAWN_DUP2, from_write, 4),
    ]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=files)
    os.close(to_read)
    os.close(from_write)
    try:
        yield Browser(to_write, from_read)
    finally:
        os.close(to_write)  # the browser ends with its commands
        _end(process)
        os.close(from_read)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the files that a browser takes for its own."""
    ends = os.pipe()
    far = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return far[0], far[1]


def _end(process: int) -> None:
    until = time.monotonic() + 20
    while os.waitpid(process, os.WNOHANG) == (0, 0):
        if time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return
        time.sleep(0.05)
