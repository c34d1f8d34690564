"""The explorer: one page that draws what a reader asks for, from the data that it carries.

It is a file of its own with Vega within, and asks nobody for anything. The page beside it has the
figures that are to be quoted, without a script.
"""

from reports.explorer.document import write_explorer
from reports.explorer.tables import read_tables

__all__ = ["read_tables", "write_explorer"]
