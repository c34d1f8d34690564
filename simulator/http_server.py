"""The sockets of a local Hub: HTTP requests in, answers and their faults out."""

import socket
import struct
import sys
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from simulator.answers import Answer
from simulator.fault import Fault
from simulator.files import PartOfFile

_SECONDS_BETWEEN_LOOKS = 0.05  # for the end of the server


class Answering(Protocol):
    """A Hub that answers requests."""

    def answer(
        self, target: str, headers: Message, body: bytes, *, is_storage: bool
    ) -> tuple[Answer, Fault]:
        """Answer one request, and say what shall go wrong with sending it."""

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of this server."""


class HttpServer(ThreadingHTTPServer):
    """A server in a thread of its own, on the loopback.

    Args:
        hub: what answers.
        port: 0 takes a free one.
        is_storage: whether it is the Hub's storage that answers here.

    Attributes:
        address: such as ``http://127.0.0.1:8000``.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hub: Answering, port: int, *, is_storage: bool = False) -> None:
        self.hub = hub
        self.is_storage = is_storage
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,), daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection, and the thread."""
        self.shutdown()
        self.server_close()
        self.close_connections()
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong here; a client that went away did nothing wrong."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End what keep-alive holds open: a Hub that is gone answers nobody."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "LocalHub"
    disable_nagle_algorithm = True
    server: HttpServer

    def do_GET(self) -> None:
        hub = self.server.hub
        length = self.headers.get("Content-Length", "")
        posted = self.rfile.read(int(length)) if length.isdecimal() else b""
        answer, fault = hub.answer(
            self.path, self.headers, posted, is_storage=self.server.is_storage
        )
        if fault.is_reset and fault.keep_bytes is None:
            self._reset()
            return
        self.send_response_only(answer.status)
        headers = {
            "Server": self.version_string(),
            "Date": self.date_time_string(),
            "Content-Length": str(len(answer.body) + fault.length_error),
        }
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self._send_body(answer.body, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client is gone
        if fault.is_reset:
            self._reset()
        elif fault.keep_bytes is not None:
            self.close_connection = True

    do_HEAD = do_POST = do_GET

    def _send_body(self, body: bytes | PartOfFile, fault: Fault) -> None:
        if self.command == "HEAD":
            return
        if isinstance(body, PartOfFile) and fault.keep_bytes is None and not fault.seconds_a_byte:
            for chunk in body.chunks():
                self.connection.sendall(chunk)
            return
        sent = memoryview(bytes(body))[: fault.keep_bytes]
        if not fault.seconds_a_byte:
            self.connection.sendall(sent)
            return
        for byte in sent:
            self.server.hub.wait(fault.seconds_a_byte)
            self.connection.sendall(bytes([byte]))

    def _reset(self) -> None:
        # Closed with a linger of 0, a socket sends RST and not FIN.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the requests are in ``LocalHubServer.requests``."""
