"""What a loader says when it cannot go on."""


class LoaderError(Exception):
    """A run that cannot go on, told for the person who started it.

    The message says what was wrong, where, and what to do. The command line prints it without
    a traceback and ends with exit code 1.
    """
