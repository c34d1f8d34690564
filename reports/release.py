"""Facts of a report for programs: release.json beside the page."""

import json
from pathlib import Path
from typing import Any

from reports import catalogue, credit, page
from reports.figures import headlines
from reports.report_data import ReportData

NAME = "release.json"


def write_release(folder: Path, data: ReportData) -> None:
    """Write the facts by which a list of several reports names this one."""
    document = json.dumps(facts(data), indent=2, ensure_ascii=False)
    (folder / NAME).write_text(f"{document}\n", encoding="utf-8")


def facts(data: ReportData) -> dict[str, Any]:
    """Title, day, mark, method, source and headlines of a report."""
    mark = data.marking
    return {
        "title": catalogue.title(data),
        "snapshot_date": data.snapshot_date.isoformat(),
        "method_version": data.method_version,
        "mark": {"label": mark.label, "warning": mark.warning} if mark else None,
        "is_synthetic": data.is_synthetic,
        "listed": credit.listed(data),
        "newest_month": page.newest_month(data),
        "licence": credit.LICENCE,
        "licence_url": credit.LICENCE_URL,
        "citation": credit.citation(data),
        "headlines": [
            {"title": title, "value": value, "remark": remark}
            for title, value, remark in headlines(data)
        ],
    }
