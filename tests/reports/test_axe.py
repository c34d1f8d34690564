"""The page in a browser, as axe-core finds it; where there is a browser and axe-core.

AXE_CORE=node_modules/axe-core/axe.min.js python -m pytest tests/reports/test_axe.py
"""

import html
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports import documents
from reports.site import add_release
from tests.reports.conftest import Report

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = os.environ.get("AXE_CORE", "")

pytestmark = pytest.mark.skipif(
    not CHROMIUM or not AXE, reason="needs chromium, and AXE_CORE: the path of axe.min.js"
)

# Within a frame of a device's width, for a window of a browser has a least one.
_FRAME = """<!doctype html><title>axe</title><iframe src="{page}" width="{width}" height="900">
</iframe><script>onmessage = event => {{
document.body.replaceChildren(Object.assign(document.createElement("pre"),
{{textContent: event.data}})); }}</script>"""

_RUN = """<script>document.querySelectorAll("details").forEach(one => {{ one.open = {is_open}; }});
axe.run(document, {{resultTypes: ["violations"],
rules: {{"target-size": {{enabled: true}}}}}}).then(found => parent.postMessage(JSON.stringify(
{{width: innerWidth, passed: found.passes.length, violations: found.violations.map(one =>
[one.id, one.nodes.length, one.nodes[0].html.slice(0, 200)])}}), "*"));</script>"""


REPORTS = ("report", "synthetic_report")
PAGES = ("index.html", "quality.html", *documents.DOCUMENTS)
CASES = [
    *((kind, name, "light", True) for kind in REPORTS for name in PAGES[:3]),
    *((REPORTS[0], name, "light", True) for name in PAGES[3:]),
    *((kind, "index.html", "light", False) for kind in REPORTS),
    *((REPORTS[1], name, "dark", True) for name in PAGES[:2]),
    *((f"site of {kind}", "index.html", "light", True) for kind in REPORTS),
    *((f"site of {REPORTS[1]}", name, "dark", True) for name in ("index.html", "404.html")),
]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("kind", "name", "scheme", "is_open"), CASES)
def test_axe_finds_nothing(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    kind: str,
    name: str,
    scheme: str,
    is_open: bool,
    width: int,
):
    made: Report = request.getfixturevalue(kind.removeprefix("site of "))
    folder = made.folder
    if kind.startswith("site of "):
        folder = tmp_path / "site"
        add_release(made.folder, folder, "https://example.org/", datetime.now(UTC))
    page = (folder / name).read_text(encoding="utf-8")
    # The policy allows no script, and axe is one.
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    run = _RUN.format(is_open=json.dumps(is_open))
    script = f"<script>{Path(AXE).read_text(encoding='utf-8')}</script>{run}"
    (tmp_path / "page.html").write_text(page.replace("</body>", f"{script}</body>"), "utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(_FRAME.format(page="page.html", width=width), "utf-8")
    browser = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000"),
            f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
            *("--virtual-time-budget=120000", f"--user-data-dir={tmp_path / 'profile'}"),
            *("--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = re.search(r"<pre>(.*?)</pre>", browser.stdout, flags=re.DOTALL)
    assert found, browser.stderr[-500:]
    result = json.loads(html.unescape(found.group(1)))
    assert result["passed"] > 20
    assert abs(result["width"] - width) <= 20  # a scroll bar
    assert result["violations"] == []
