"""A local Hub in a process of its own: its start, its end, and what it cannot serve."""

import gzip
import http.client
import json
import signal
import subprocess
import sys
import time

import pytest

from simulator import (
    LocalHubError,
    LocalHubServer,
    RecordFolder,
    serve,
)
from tests.simulator.client import ROOT, command, get, plain, walk


def test_a_folder_that_is_none_or_holds_nothing_is_named(tmp_path):
    with pytest.raises(LocalHubError, match="nowhere"):
        RecordFolder(tmp_path / "nowhere")
    with pytest.raises(LocalHubError, match=r"neither models\.jsonl\.gz nor datasets\.jsonl\.gz"):
        RecordFolder(tmp_path)


@pytest.mark.parametrize(
    "line",
    [b"{", b'{"a":NaN}', b"{} {}", b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"[" * 100_000],
)
def test_a_line_that_is_no_json_is_named(folder, line):
    with pytest.raises(LocalHubError, match=r"models\.jsonl\.gz, line 3,"):
        LocalHubServer(folder([plain(1), b"", line, plain(2)]))


def test_a_file_that_was_cut_off_is_named(tmp_path):
    whole = gzip.compress(b"\n".join(plain(n) for n in range(1000)))
    for content in (whole[:-20], b"no gzip", whole[:300] + b"\0" * 300):
        (tmp_path / "models.jsonl.gz").write_bytes(content)
        with pytest.raises(LocalHubError, match=r"models\.jsonl\.gz"):
            LocalHubServer(RecordFolder(tmp_path))


def is_served(endpoint: str) -> bool:
    try:
        get(f"{endpoint}/api/models?limit=1")
    except (OSError, http.client.HTTPException):
        # Nobody listens, or the server ended while it answered: the reader cannot know which.
        return False
    return True


def test_the_server_ends_with_the_block(folder):
    with serve(folder([plain(1)]), quota=7) as endpoint:
        response, body = get(f"{endpoint}/api/models")
        assert len(json.loads(body)) == 1
        assert "q=7" in response.headers["RateLimit-Policy"]
    assert not is_served(endpoint)


def test_a_folder_that_cannot_be_served_is_told_to_the_parent(folder):
    source = folder([plain(1), b"{"])
    with pytest.raises(LocalHubError, match="line 2"), serve(source):
        pytest.fail("it was served")


def test_the_server_dies_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from simulator import *\n"
            "with serve(SyntheticHub(models=1, datasets=0)) as endpoint:\n"
            "    print(endpoint, flush=True)\n"
            "    input()",
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        endpoint = parent.stdout.readline().strip()
        assert is_served(endpoint)
    finally:
        parent.kill()  # SIGKILL: it can tidy up nothing
        parent.communicate()
    deadline = time.monotonic() + 300
    while is_served(endpoint):
        assert time.monotonic() < deadline, "the server outlived its parent"
        time.sleep(0.02)


def test_the_command_line_says_where_the_hub_is_and_ends_on_ctrl_c():
    arguments = ("--models", "30", "--datasets", "5", "--seed", "4", "--as-of", "2026-10-15")
    process = subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        endpoint = process.stdout.readline().strip()
        assert len(walk(f"{endpoint}/api/models?limit=7")) == 30
        assert len(walk(f"{endpoint}/api/datasets")) == 5
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_command_line_names_what_it_cannot_serve(tmp_path):
    for arguments in (
        ("--hub", str(tmp_path / "nowhere")),
        ("--port", "70000"),
        ("--models", "-1"),
    ):
        result = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True)
        assert result.returncode != 0
        assert arguments[1] in result.stderr or "port" in result.stderr
        assert "Traceback" not in result.stderr
