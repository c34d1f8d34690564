"""The site on the branch gh-pages: deploy/pages.sh, on a repository of this machine."""

import json
import subprocess
from pathlib import Path

from tests.warehouse.builds import ROOT

ADDRESS = "https://example.github.io/hub/"


def report(folder: Path, day: str) -> Path:
    folder.mkdir()
    facts = {
        "snapshot_date": day,
        "title": f"Hub Observatory, snapshot of {day}",
        "is_synthetic": False,
        "mark": None,
        "method_version": "2.0.0",
        "listed": "the public listing of https://hub.example",
        "newest_month": None,
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "citation": "Cite as: Hub Observatory.",
        "headlines": [],
    }
    (folder / "release.json").write_text(json.dumps(facts), "utf-8")
    (folder / "index.html").write_text(day, "utf-8")
    return folder


def publish(report: Path, remote: Path) -> subprocess.CompletedProcess[str]:
    command = ["deploy/pages.sh", str(report), str(remote), ADDRESS]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def git(remote: Path, *arguments: str) -> list[str]:
    command = ["git", "-C", str(remote), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_a_release_joins_those_before_and_leaves_one_commit(tmp_path: Path):
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    for day in ("2026-10-01", "2026-11-01"):
        run = publish(report(tmp_path / day, day), remote)
        assert run.returncode == 0, run.stderr
    files = set(git(remote, "ls-tree", "-r", "--name-only", "gh-pages"))
    assert {"2026-10-01/index.html", "2026-11-01/index.html", "404.html", ".nojekyll"} <= files
    assert git(remote, "show", "gh-pages:latest/index.html") == ["2026-11-01"]
    assert len(git(remote, "log", "--format=%s", "gh-pages")) == 1


def test_a_site_that_cannot_be_fetched_is_not_begun_anew(tmp_path: Path):
    run = publish(report(tmp_path / "report", "2026-10-01"), tmp_path / "nowhere.git")
    assert run.returncode != 0
    assert "nowhere.git" in run.stderr
