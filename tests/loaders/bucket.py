"""A bucket on this machine, as much of Google Cloud Storage's JSON API as ``gcsfs`` needs."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class _Object(NamedTuple):
    content: bytes
    updated: datetime


class Bucket:
    """The objects of one bucket.

    Attributes:
        objects: content and time of change, by name.
        refusal: the status with which every request is answered; None: each gets its answer.
        downloads_meet: where each download waits until so many have come; None: none waits.
        most_downloads: how many were there at a time.
    """

    def __init__(self) -> None:
        self.objects: dict[str, _Object] = {}
        self.refusal: int | None = None
        self.lock = threading.Lock()
        self.downloads_meet: threading.Barrier | None = None
        self.most_downloads = 0
        self._downloads = 0

    def put(self, name: str, content: bytes, updated: datetime | None = None) -> None:
        self.objects[name] = _Object(content, updated or datetime.now(UTC))

    @contextmanager
    def download(self) -> Iterator[None]:
        """One download on its way.

        Raises:
            threading.BrokenBarrierError: too few others have come in time.
        """
        with self.lock:
            self._downloads += 1
            self.most_downloads = max(self.most_downloads, self._downloads)
        try:
            if self.downloads_meet:
                self.downloads_meet.wait()
            yield
        finally:
            with self.lock:
                self._downloads -= 1

    def resource(self, name: str) -> dict[str, Any]:
        """The answer of the API about an object."""
        content, updated = self.objects[name]
        return {
            "name": name,
            "size": str(len(content)),
            "updated": f"{updated:%Y-%m-%dT%H:%M:%S.%f}Z",
            "generation": "1",
        }


@contextmanager
def served(bucket: Bucket) -> Iterator[str]:  # noqa: C901  # long: a case for each request
    """Serve a bucket; gives the address, for ``STORAGE_EMULATOR_HOST``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if bucket.refusal is not None:
                error = {"code": bucket.refusal, "message": "Anonymous caller has no right"}
                return self.say(bucket.refusal, {"error": error})
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            name = unquote(url.path.partition("/o/")[2])
            if url.path.startswith("/download/"):
                try:
                    with bucket.download():
                        pass
                except threading.BrokenBarrierError:
                    return self.say(400, {"error": "it came alone"})
            with bucket.lock:
                if self.command == "POST":
                    head, _, content = sent.partition(b"\n\n")[2].partition(b"\n--==0==")
                    name = json.loads(head)["name"]
                    if "ifGenerationMatch" in query and name in bucket.objects:
                        return self.say(412, {"error": "it is there"})
                    content = content.partition(b"\n\n")[2].removesuffix(b"\n--==0==--")
                    bucket.put(name, content)
                    return self.say(200, bucket.resource(name))
                if name:
                    if name not in bucket.objects:
                        return self.say(404, {"error": "it is not there"})
                    if self.command == "DELETE":
                        del bucket.objects[name]
                        return self.say(204, b"")
                    if url.path.startswith("/download/"):
                        return self.say(200, bucket.objects[name].content)
                    return self.say(200, bucket.resource(name))
                prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
                names = [name for name in sorted(bucket.objects) if name.startswith(prefix)]
                within = [name.removeprefix(prefix) for name in names]
                folders = {prefix + re.split("/", n)[0] + "/" for n in within if "/" in n}
                items = [n for n in names if not (delimiter and "/" in n.removeprefix(prefix))]
                return self.say(
                    200,
                    {
                        "items": [bucket.resource(name) for name in items],
                        "prefixes": sorted(folders) if delimiter else [],
                    },
                )

        do_GET = do_POST = do_DELETE = answer

        def say(self, status: int, body: bytes | dict[str, Any]) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
