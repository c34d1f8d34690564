"""The marking of data that are not the whole of a real Hub, which every output carries."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Marking:
    """A mark, in the words and places in which outputs carry it.

    Attributes:
        prefix: of the names of files.
        label: in capitals: across pictures, in captions and titles.
        short: beside the unit of each figure.
        warning: a sentence that goes on after the label: above a picture, on the terminal.
        heading: in front of each heading of a figure that depends on the records.
    """

    prefix: str
    label: str
    short: str
    warning: str
    heading: str = ""


SYNTHETIC = Marking(
    prefix="synthetic-",
    label="SYNTHETIC DATA",
    short="Synthetic data",
    warning="made up, and not to be quoted",
)

# A part is real, but what it counts is itself and not the Hub.
PARTIAL = Marking(
    prefix="partial-",
    label="PART OF A LISTING",
    short="Part of a listing",
    warning="not the whole Hub; every figure is of these records alone",
    heading="In these records: ",
)

MARKINGS = (SYNTHETIC, PARTIAL)
