"""The error of a report that cannot be made."""


class ReportError(Exception):
    """A report that cannot be made, told for the person who asked for it.

    The message says what was wrong, where, and what to do. The command line prints it without
    a traceback and ends with exit code 1.
    """
