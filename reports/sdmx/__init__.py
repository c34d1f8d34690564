"""The tables as SDMX, the standard by which statistical offices exchange figures.

Everything is made from what the tables already say of themselves: contracts and tests in dbt's
manifest, seeds, and the extracts. docs/sdmx.md says what comes out, decision 10 why in this shape.
"""

from reports.sdmx.code_lists import CodeLists, read_code_lists
from reports.sdmx.files import write_sdmx

__all__ = ["CodeLists", "read_code_lists", "write_sdmx"]
