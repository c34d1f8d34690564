"""A chart's own data as CSV: the rows behind it, each with unit, source, licence and snapshot."""

from pathlib import Path

import pyarrow as pa

from reports import credit
from reports.extracts import write_csv
from reports.figures import Figure
from reports.report_data import ReportData


def write_chart_data(figure: Figure, data: ReportData, path: Path) -> None:
    """Write the rows of a figure's table in full precision, all of their columns.

    What holds for every row stands in columns of its own, so that any program reads the file.
    """
    assert figure.table is not None, "every chart has its table"
    facts = {
        "chart_unit": figure.unit,
        "source": credit.source(data),
        "licence": credit.LICENCE,
        "snapshot": data.snapshot_date,
    }
    if data.marking:
        facts |= {"mark": f"{data.marking.label}: {data.marking.warning}"}
    write_csv(pa.Table.from_pylist([{**row, **facts} for row in figure.table.rows]), path)
