"""Numbers, dates and names as a reader sees them."""

import unicodedata
from datetime import date

# Between a number and its unit, so that no line ends between the two.
NBSP = "\u00a0"

_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def count(number: float | None) -> str:
    """A count in full: ``12,345``; a dash where there is none."""
    return "–" if number is None else f"{number:,.0f}"


def rounded(number: float) -> str:
    """A number to two significant digits: ``12,000``, ``0.29``, ``1.2 million``."""
    for size, word in _LARGE:
        if abs(number) >= size * 0.995:
            return f"{_two_digits(number / size)}{NBSP}{word}"
    return _two_digits(number)


def usd(number: float | None) -> str:
    """US dollars to two significant digits: ``$12,000``, ``$1.2 million``, ``$0.29``."""
    return "–" if number is None else f"${rounded(number)}"


def parameters(number: float | None) -> str:
    """A number of parameters to two significant digits: ``0.55 billion``, ``32 million``."""
    if number is None:
        return "–"
    if 1e8 <= number < 1e9:  # sizes are spoken of in billions
        return f"{_two_digits(number / 1e9)}{NBSP}billion"
    return rounded(number)


def storage(gigabytes: float) -> str:
    """An amount of storage to two significant digits: ``2.3 TB``, ``100 MB``."""
    size, unit = next(
        (one for one in ((1e3, "TB"), (1, "GB")) if gigabytes >= one[0] * 0.995), (1e-3, "MB")
    )
    return f"{_two_digits(gigabytes / size)}{NBSP}{unit}"


def share(fraction: float | None) -> str:
    """A fraction as a percentage: ``28%``; one decimal place near nothing and near all."""
    if fraction is None:
        return "–"
    percentage = 100 * fraction
    if 0 < percentage < 0.05:
        return "under 0.1%"
    digits = 1 if 0 < abs(percentage) < 9.95 or 99 < percentage < 100 else 0
    return f"{percentage:.{digits}f}%".replace("-", "\N{MINUS SIGN}")


def month(day: date) -> str:
    """``September 2026``."""
    return f"{day:%B}{NBSP}{day.year}"


def full_date(day: date) -> str:
    """``15 October 2026``."""
    return f"{day.day}{NBSP}{day:%B}{NBSP}{day.year}"


def compared(change: float, more: str, less: str, *, same: float = 0.02) -> str:
    """A change, as a fraction, in words: ``28% fewer than``, ``2.4 times as many as``.

    Args:
        change: 0.5 for half as much again.
        more, less: comparatives, such as ``more`` and ``fewer``.
        same: changes up to this size are none.
    """
    if abs(change) <= same:
        return "about as many as" if less == "fewer" else "about the same as"
    if change >= 1:
        much = "many" if less == "fewer" else "much"
        return f"{times(1 + change)} as {much} as"
    return f"{abs(change) * 100:.0f}% {more if change > 0 else less} than"


def times(factor: float) -> str:
    """A factor to two significant digits: ``2.4 times``, ``twice``."""
    number = rounded(factor)
    return "twice" if number == "2" else f"{number} times"


def plain(name: str | None, limit: int = 80) -> str:
    """A name that a stranger chose, fit to be shown within other text.

    Control characters, line breaks and marks that turn the direction of writing are taken out,
    for they act on the text around them; what is longer than the limit is cut.
    """
    shown = "".join(c for c in name or "" if unicodedata.category(c) not in _ACTING)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


# Controls, formats (the directional ones among them), surrogates, line and paragraph separators.
_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _two_digits(number: float) -> str:
    if number == 0:
        return "0"
    text = f"{number:.2g}"
    if "e" in text:
        return f"{float(text):,.0f}" if abs(number) >= 1 else text
    return text
