"""Text that strangers wrote reaches a terminal or a log to be read, and does nothing there."""

import json
import logging
import os
import subprocess
import sys

import pytest

from loaders.terminal import log_handler, one_line, visible
from tests.reports.manifest import write_small_manifest
from tests.warehouse.builds import ROOT

ACTING = "\x1b[31m\r\x07\x7f\x9b\u202e\u2066\ufeff\u2028\udc80\U000e0001"


def test_characters_that_act_are_written_out_and_others_stay():
    assert visible("gpt-5\tÉté 模型 🤗\n") == "gpt-5\tÉté 模型 🤗\n"
    assert visible("a\x1b[31m\r\u202eb") == "a\\u001b[31m\\u000d\\u202eb"
    assert visible(ACTING).isascii()
    assert visible(ACTING).isprintable()
    assert one_line("a name\nerror: forged") == "a name error: forged"


def test_json_means_the_same_as_before():
    written = json.dumps(["\u202e\x7f\U000e0001 é"], ensure_ascii=False)
    assert json.loads(visible(written)) == json.loads(written)


def test_a_name_cannot_forge_a_line_of_a_log(capsys):
    log = logging.Logger("test")
    log.addHandler(log_handler())
    log.warning("skipped %s", "model\n12:00:00 ERROR all is lost\x1b[2J")
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "model 12:00:00 ERROR all is lost\\u001b[2J" in told


@pytest.mark.parametrize(
    ("command", "settings"),
    [
        (["loaders", "load", "--hub", "/no/\x1b[31m\u202e\r\nerror: forged"], {}),
        (["reports", "build"], {"HUB_DUCKDB_PATH": "/no/\x1b[31m\u202e\r\nerror: forged"}),
    ],
    ids=["loaders", "reports"],
)
def test_an_error_is_one_line_whatever_it_quotes(command, settings, tmp_path):
    write_small_manifest(tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DBT_TARGET_PATH": str(tmp_path)} | settings,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "\x1b" not in run.stderr + run.stdout
    assert "\r" not in run.stderr
    assert run.stderr.startswith("error: ")
    assert run.stderr.count("\n") == 1
