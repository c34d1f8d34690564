"""The check of style: what it finds, and what it lets pass."""

import pytest

from tools import style

LONG = "def long():{reason}\n" + "    x = 1\n" * 50


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"""What a file holds."""', ["{path}:1: a docstring opens with 'What'"]),
        (
            'class Page:\n    def of(self):\n        """Of each, the rows."""',
            ["{path}:3: a docstring opens with 'Of'"],
        ),
        ('"""The rows of a page."""\n\nx = "What else?"', []),
        (LONG.format(reason=""), ["{path}:1: long has 51 lines, more than 50"]),
        (LONG.format(reason="  # long: one list of options"), []),
        ('def f():\n    """First.\n' + "\n    More." * 60 + '\n    """\n    return 1', []),
        ("x = 1\n" * 350, ["{path}: 351 lines, more than 350"]),
        ("# long: one table of figures\n" + "x = 1\n" * 350, []),
    ],
)
def test_each_break_is_found_and_a_reason_is_honoured(tmp_path, capsys, text, said):
    path = tmp_path / "module.py"
    path.write_text(text + "\n", encoding="utf-8")
    assert style.main([str(tmp_path)]) == bool(said)
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == len(said)
    for error, expected in zip(errors, said, strict=True):
        assert error.startswith("error: " + expected.format(path=path))
