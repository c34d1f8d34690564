"""Google Cloud at its own addresses: logins of every class, and BigQuery with its bad days.

Google's clients read HTTPS_PROXY and REQUESTS_CA_BUNDLE. So a proxy on this machine, with a
certificate of its own making, answers for ``oauth2``, ``sts``, ``iamcredentials``,
``cloudresourcemanager`` and ``bigquery.googleapis.com``, and the files of credentials are those
that gcloud and the workflows of GitHub write, addresses included. What goes to BigQuery is handed
on to the emulator, once the login is the one that was given out.
"""

import datetime
import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth.compute_engine import _metadata

BIGQUERY = "bigquery.googleapis.com"
PROJECT_NUMBER = "123456789012"
AUDIENCE = (
    f"//iam.googleapis.com/projects/{PROJECT_NUMBER}/locations/global/workloadIdentityPools/pool/"
    "providers/github"
)
ACCOUNT = "runner@hub.iam.gserviceaccount.com"
IMPERSONATION = (
    f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ACCOUNT}"
    ":generateAccessToken"
)
# Whatever could lead a client to a login of the machine that the tests run on.
ELSEWHERE = (
    *("BIGQUERY_EMULATOR_HOST", "CLOUDSDK_CONFIG", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("GOOGLE_CLOUD_QUOTA_PROJECT", "NO_PROXY", "no_proxy", "https_proxy", "GCE_METADATA_HOST"),
)


class Asked(NamedTuple):
    """A request that a client sent."""

    host: str
    method: str
    path: str
    headers: dict[str, str]  # their names in lower case
    body: bytes


class Answer(NamedTuple):
    """An answer with a body of JSON."""

    status: int
    body: dict[str, Any]


def refusal(status: int, reason: str, message: str) -> Answer:
    """An error as BigQuery sends it."""
    detail = {"message": message, "domain": "global", "reason": reason}
    return Answer(status, {"error": {"code": status, "message": message, "errors": [detail]}})


@dataclass
class GoogleCloud:
    """The answers of the addresses above, and the requests that came.

    Attributes:
        emulator: the URL that requests to BigQuery are handed on to.
        token: with which BigQuery believes a client; None: it believes every one.
        fault: gives the answer to a request, or None for the usual one.
        subject_token: what a federated login shows.
        asked: every request, in order.
    """

    emulator: str | None = None
    token: str | None = None
    fault: Callable[[Asked], Answer | None] = lambda asked: None
    subject_token: str = "vouched for by GitHub"
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer | http.client.HTTPResponse:
        """Answer one request."""
        self.asked.append(asked)
        path = urlsplit(asked.path).path
        if (answer := self.fault(asked)) is not None:
            return answer
        if asked.host == "oauth2.googleapis.com" and path == "/token":
            return self._token(parse_qs(asked.body.decode()))
        if asked.host == "sts.googleapis.com" and path == "/v1/token":
            shown = parse_qs(asked.body.decode())
            assert shown["audience"] == [AUDIENCE], shown
            if shown["subject_token"] != [self.subject_token]:
                return Answer(400, {"error": "invalid_grant", "error_description": "not vouched"})
            return _access_token("federated")
        if asked.host == "iamcredentials.googleapis.com" and path == urlsplit(IMPERSONATION).path:
            source = asked.headers["authorization"].removeprefix("Bearer ")
            return Answer(
                200,
                {"accessToken": f"{source} as runner", "expireTime": "2099-01-01T00:00:00Z"},
            )
        if asked.host == "cloudresourcemanager.googleapis.com":
            return Answer(200, {"projectId": "the-project-of-the-pool"})
        if not asked.host:  # not through the proxy: the metadata server of a machine
            return self._metadata(asked, path)
        if asked.host == BIGQUERY:
            if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
                return refusal(401, "authError", "Invalid Credentials")
            return self._hand_on(asked)
        return Answer(404, {"error": {"code": 404, "message": "nothing is here"}})

    def _token(self, shown: dict[str, list[str]]) -> Answer:
        if shown["grant_type"] == ["refresh_token"]:
            if shown["refresh_token"] != ["good"]:
                return Answer(
                    400,
                    {
                        "error": "invalid_grant",
                        "error_description": "Token has been expired or revoked.",
                    },
                )
            return _access_token("person")
        assert shown["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"], shown
        return _access_token("key")

    def _metadata(self, asked: Asked, path: str) -> Answer:
        assert asked.headers["metadata-flavor"] == "Google"
        if path.endswith("/token"):
            return _access_token("machine")
        if path.endswith("/service-accounts/default/"):
            return Answer(200, {"email": ACCOUNT, "scopes": [], "aliases": ["default"]})
        return Answer(200, {})

    def _hand_on(self, asked: Asked) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(urlsplit(self.emulator).netloc, timeout=60)
        headers = {n: v for n, v in asked.headers.items() if n not in ("host", "connection")}
        connection.request(asked.method, asked.path, asked.body, headers)
        return connection.getresponse()


def _access_token(token: str) -> Answer:
    return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})


@contextmanager
def served(google: GoogleCloud, folder: Path) -> Iterator[int]:  # long: two servers, one life
    """Serve it; gives the port of the proxy, and leaves ``ca.pem`` in the folder."""
    tls = _certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            if not self.path.endswith(".googleapis.com:443"):
                return self.send_error(502)
            self.send_response(200)
            self.end_headers()
            self.host = self.path.partition(":")[0]
            self.connection = tls.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.close_connection = False

        def answer(self) -> None:
            asked = Asked(
                self.host,
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            answer = google.answer(asked)
            if isinstance(answer, Answer):
                status, body = answer.status, json.dumps(answer.body).encode()
                headers = {"Content-Type": "application/json", "Metadata-Flavor": "Google"}
            else:
                status, body = answer.status, answer.read()
                headers = {
                    name: value.replace(google.emulator, f"https://{BIGQUERY}")
                    for name, value in answer.getheaders()
                    if name.lower() not in ("content-length", "transfer-encoding", "connection")
                }
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lead_to(
    monkeypatch: pytest.MonkeyPatch, port: int, folder: Path, *, project: str = "hub"
) -> None:
    """Lead Google's clients, in this process and in those it starts, to the proxy.

    Nothing is left of what the machine itself may be logged in with.
    """
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "ca.pem"))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder))  # where gcloud would have left a login
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)


def lead_to_metadata(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Make this a machine of Google's, as Cloud Run is."""
    monkeypatch.delenv("NO_GCE_CHECK", raising=False)
    monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{port}")
    monkeypatch.setenv("GCE_METADATA_IP", f"127.0.0.1:{port}")
    # Read when the module is imported, which may have been before.
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", f"127.0.0.1:{port}")
    monkeypatch.setattr(_metadata, "_NO_GCE_CHECK", False)


def credentials(login: str, folder: Path, google: GoogleCloud) -> dict[str, Any]:
    """The file of credentials of a class, as Google's own tools write it."""
    person = {
        "type": "authorized_user",
        "client_id": "id.apps.googleusercontent.com",
        "client_secret": "of no use",
        "refresh_token": "good",
    }
    federation = {
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(folder / "subject-token")},
    }
    (folder / "subject-token").write_text(google.subject_token)
    return {
        "person": person,
        "key": _service_account_key() if login == "key" else {},
        "federation": federation,
        "federation as account": federation | {"service_account_impersonation_url": IMPERSONATION},
        "impersonation": {
            "type": "impersonated_service_account",
            "service_account_impersonation_url": IMPERSONATION,
            "source_credentials": person,
            "delegates": [],
        },
    }[login]


def _service_account_key() -> dict[str, str]:
    """A key that is made here and thrown away."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "project_id": "the-project-of-the-key",
        "private_key_id": "0",
        "private_key": pem.decode(),
        "client_email": ACCOUNT,
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def _certificate(folder: Path) -> ssl.SSLContext:
    """Vouch for all of ``googleapis.com`` for a day, to whoever trusts ``ca.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Google in a test")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.googleapis.com")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "key.pem")
    return context
