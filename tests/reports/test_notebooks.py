"""The notebooks: they read the extracts as these are, in Python and in R."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.reports.conftest import Report
from tests.warehouse.builds import ROOT

NOTEBOOKS = ROOT / "notebooks"
RSCRIPT = shutil.which("Rscript")


def test_the_python_notebook_draws_its_chart_from_the_extract(
    report: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("EXTRACTS", str(report.folder / "extracts"))
    notebook = json.loads((NOTEBOOKS / "median_size.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] for cell in cells)  # of somebody's own data
    names: dict[str, Any] = {}
    for cell in cells:
        exec("".join(cell["source"]), names)  # our own, as a reader runs it
    drawn = json.loads(names["chart"].to_json(validate=True))
    (rows,) = drawn["datasets"].values()
    assert len(rows) > 12
    assert any(row["median_parameters"] for row in rows)
    assert "Cite as: Hub Observatory" in capsys.readouterr().out


def chunks() -> str:
    text = (NOTEBOOKS / "median_size.qmd").read_text("utf-8")
    return "\n".join(re.findall(r"^```\{r\}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def test_the_r_notebook_names_columns_and_facts_that_the_extract_has(report: Report):
    code = chunks()
    (pattern,) = re.findall(r'list\.files\(folder, "(.*?)"', code)
    names = [path.name for path in (report.folder / "extracts").iterdir()]
    (name,) = (name for name in names if re.search(pattern.replace("\\\\", "\\"), name))
    schema = pyarrow.parquet.read_schema(report.folder / "extracts" / name)
    listed = re.findall(r'"(\w+)"', re.search(r"columns <- c\((.*?)\n\)", code, re.DOTALL)[1])
    assert set(listed) <= set(schema.names)
    used = set(re.findall(r"sizes\$(\w+)", code)) | set(
        re.findall(r"\by(?:min|max)? = (\w+_\w+)", code)
    )
    assert used <= set(listed)
    assert {"median_parameters", "is_headline", "scope"} <= used
    (scope,) = re.findall(r'scope == "(\w+)"', code)
    assert (
        scope in pyarrow.parquet.read_table(report.folder / "extracts" / name)["scope"].to_pylist()
    )
    assert set(re.findall(r"facts\$(\w+)", code)) <= {key.decode() for key in schema.metadata}


@pytest.mark.skipif(not RSCRIPT, reason="needs Rscript")
def test_the_r_notebook_runs_where_r_is(report: Report, tmp_path: Path):
    (tmp_path / "notebook.R").write_text(chunks(), "utf-8")
    has = "q(status = !all(sapply(c('arrow', 'ggplot2'), requireNamespace, quietly = TRUE)))"
    can_run = subprocess.run([RSCRIPT, "-e", has], capture_output=True).returncode == 0
    command = [RSCRIPT, "notebook.R"] if can_run else [RSCRIPT, "-e", "parse('notebook.R')"]
    environment = {"EXTRACTS": str(report.folder / "extracts"), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
