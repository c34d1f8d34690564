"""Headings on lineage are as firm as the numbers allow, and a tree is one on any width."""

import re
from typing import Any

import pytest

from reports import text
from reports.charts import NARROW, WIDE, Branch, tree
from reports.charts.style import LETTER_WIDTH
from reports.figures import findings_of_lineage as findings
from reports.render import draw


def plain(sentence: str) -> str:
    return sentence.replace(text.NBSP, " ")


def base(**columns: Any) -> dict[str, Any]:
    row = {"model_id": "a/base", "reach_downloads": 5e6, "descendants": 1234.5}
    return row | {"share_of_all_reach": 0.12} | columns


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [base(), base(model_id="b/other", reach_downloads=4e6)],
            "a/base reaches furthest: with the 1,200 models built on it, 12% of all downloads",
        ),
        # A popular model of which somebody made one other is no base of many.
        ([base(descendants=99)], "Models that others are built on"),
        ([base(reach_downloads=0, share_of_all_reach=None)], "Models that others are built on"),
        ([], "Models that others are built on"),
    ],
)
def test_most_built_on(rows, heading):
    assert plain(findings.most_built_on(rows)) == heading


def member(level: int, downloads: float, **columns: Any) -> dict[str, Any]:
    row = {"level": level, "model_id": f"a/{level}", "reach_downloads": downloads}
    return row | {"descendants": 500.0} | columns


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        # What the grandchildren hand on is in what their parents do.
        (
            [member(0, 1000), member(1, 600), member(2, 550), member(1, 150, model_id=None)],
            "What is built on a/0 accounts for 75% of its family’s downloads",
        ),
        ([member(0, 1000, descendants=3.0), member(1, 600)], "A model and what is built on it"),
        ([member(0, 0), member(1, 0)], "A model and what is built on it"),
        ([member(0, 1000)], "A model and what is built on it"),
        ([], "A model and what is built on it"),
    ],
)
def test_largest_family(rows, heading):
    assert plain(findings.largest_family(rows)) == heading


def licence(parent: str, child: str, edges: int, of: int) -> dict[str, Any]:
    row = {"parent_licence_class": parent, "child_licence_class": child, "edges": edges}
    return row | {"parents_edges": of, "share_of_parents_edges": edges / of}


NEUTRAL = "Licences of models built on restrictively licensed ones"


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [
                licence("permissive", "none", 5000, 5000),
                licence("responsible_use", "responsible_use", 120, 200),
                licence("responsible_use", "none", 80, 200),
                licence("copyleft", "permissive", 150, 150),
            ],
            "Of models built on one with a use-restricting licence, 60% name such a licence, "
            "0% a permissive one and 40% none",
        ),
        ([licence("permissive", "none", 5000, 5000)], NEUTRAL),
        ([licence("responsible_use", "none", 99, 99)], NEUTRAL),
        ([], NEUTRAL),
    ],
)
def test_licences_of_children(rows, heading):
    assert plain(findings.licences_of_children(rows)) == heading


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_tree_stays_on_its_paper(width: int):
    names = ("a" * 300, "模型" * 90, "b/short")
    rows = [Branch(level, names[level], 10.0**level, f"{10**level:,}") for level in (0, 1, 2, 1)]
    chart = tree(width, rows)
    drawn = chart.to_dict()
    for row, branch in zip(drawn["layer"][1]["data"]["values"], rows, strict=True):
        assert row["end"] + len(branch.text) * LETTER_WIDTH <= width
    words = re.findall(r"<text[^>]*>([^<]*)</text>", draw(chart, "tree", marking=None).svg)
    assert "b/short" in words
    # Cut by their width, which is not that of their letters' number.
    assert sum(word.endswith("…") for word in words) == 3
    assert tree(width, []) is None


def test_each_row_of_a_tree_hangs_on_the_one_it_comes_from():
    rows = [Branch(level, "a/b", 1, "1") for level in (0, 1, 2, 2, 1)]
    lines = tree(WIDE, rows).to_dict()["layer"][0]["data"]["values"]
    upright = [line for line in lines if line["x"] == line["x2"]]
    # The second and the last row on the first, those between them on the second.
    assert [round(line["y"] / 42) for line in upright] == [1, 2, 2, 1]
    assert [line["x"] for line in upright] == [
        upright[0]["x"],
        *[upright[1]["x"]] * 2,
        upright[0]["x"],
    ]
