"""Numbers and names as readers see them."""

import pytest

from reports import text


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (0, "0%"),
        (0.0004, "under 0.1%"),
        (0.0495, "5.0%"),
        (0.2785, "28%"),
        (0.9967, "99.7%"),
        (1, "100%"),
        (-0.28, "\N{MINUS SIGN}28%"),
        (None, "–"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(fraction, words):
    assert text.share(fraction).replace(text.NBSP, " ") == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0.2784, "$0.28"),
        (9_312, "$9,300"),
        (197_000, "$200,000"),
        (2_310_000, "$2.3 million"),
        (999_600, "$1 million"),
        (None, "–"),
    ],
)
def test_an_estimate_is_not_given_to_the_cent(number, words):
    assert text.usd(number).replace(text.NBSP, " ") == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (124_000_000, "0.12 billion"),
        (6_740_000_000, "6.7 billion"),
        (1_040_000_000_000, "1 trillion"),
        (32_100_000, "32 million"),
        (12_345, "12,000"),
    ],
)
def test_sizes_are_told_in_billions(number, words):
    assert text.parameters(number).replace(text.NBSP, " ") == words


@pytest.mark.parametrize(
    ("gigabytes", "words"),
    [(2_347, "2.3 TB"), (0.999, "1 GB"), (0.0217, "22 MB"), (0, "0 MB")],
)
def test_storage_is_told_in_its_own_unit(gigabytes, words):
    assert text.storage(gigabytes).replace(text.NBSP, " ") == words


def test_a_long_name_is_cut():
    assert text.plain("x" * 500) == "x" * 79 + "…"
    assert text.plain(None) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (1.0, "twice as many as"),
        (1.4, "2.4 times as many as"),
        (-0.28, "28% fewer than"),
        (0.01, "about as many as"),
    ],
)
def test_a_change_is_told_as_people_tell_it(change, words):
    assert text.compared(change, "more", "fewer") == words
