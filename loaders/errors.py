"""The error of a loader that cannot go on."""


class LoaderError(Exception):
    """A run cannot go on; the text is for the person who started it.

    The message says what was wrong, where, and what to do. The command line prints it without
    a traceback and ends with exit code 1.
    """
