"""Headings on what models are built on.

As those of ``findings``: sentences made from the data, neutral where the data say nothing.
"""

from collections.abc import Sequence

from reports import text
from reports.figures.base import ENOUGH
from reports.report_data import Row

# Classes of licences in words, in the order in which a phone shows them.
CLASSES = {
    "responsible_use": "restricted use",
    "non_commercial": "non-commercial",
    "copyleft": "copyleft",
    "permissive": "permissive",
    "none": "none named",
    "other": "other",
}
RESTRICTIVE = ("responsible_use", "non_commercial", "copyleft")


def most_built_on(rows: Sequence[Row]) -> str:
    """Name the model on which most is built: rows by rank."""
    if not rows or not rows[0]["reach_downloads"] or rows[0]["descendants"] < ENOUGH:
        return "Models that others are built on"
    row = rows[0]
    return (
        f"{text.plain(row['model_id'])} reaches furthest: with the "
        f"{text.rounded(row['descendants'])} models built on it, "
        f"{text.share(row['share_of_all_reach'])} of all downloads"
    )


def largest_family(rows: Sequence[Row]) -> str:
    """Say how much of the largest family's downloads is of what was built: rows by place."""
    if len(rows) < 2 or not rows[0]["reach_downloads"] or rows[0]["descendants"] < ENOUGH:
        return "A model and what is built on it"
    built = sum(row["reach_downloads"] for row in rows if row["level"] == 1)
    return (
        f"What is built on {text.plain(rows[0]['model_id'])} accounts for "
        f"{text.share(built / rows[0]['reach_downloads'])} of its family’s downloads"
    )


def licences_of_children(rows: Sequence[Row]) -> str:
    """Say what children of the restrictive class with most children name themselves."""
    known = [
        row
        for row in rows
        if row["parent_licence_class"] in RESTRICTIVE and row["parents_edges"] >= ENOUGH
    ]
    if not known:
        return "Licences of models built on restrictively licensed ones"
    most = max(known, key=lambda row: (row["parents_edges"], row["parent_licence_class"]))
    parent = most["parent_licence_class"]
    shares = {
        row["child_licence_class"]: row["share_of_parents_edges"]
        for row in known
        if row["parent_licence_class"] == parent
    }
    return (
        f"Of models built on one with a {_ADJECTIVES[parent]} licence, "
        f"{text.share(shares.get(parent, 0))} name such a licence, "
        f"{text.share(shares.get('permissive', 0))} a permissive one and "
        f"{text.share(shares.get('none', 0))} none"
    )


_ADJECTIVES = {
    "responsible_use": "use-restricting",
    "non_commercial": "non-commercial",
    "copyleft": "copyleft",
}
