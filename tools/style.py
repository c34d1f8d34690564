"""Check what ruff has no rule for: ``python -m tools.style [FOLDER …]``.

* A docstring opens with a verb or a noun phrase: "Of each table its rows" and "What a step took"
  begin in the middle, and say nothing in a list of functions.
* A file has at most 350 lines and a function at most 50. One that needs more says why, in a
  comment ``# long: …`` in the file's first lines or on the line of its ``def``.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 50
REASON = "# long: "
FOLDERS = ("loaders", "simulator", "reports", "tools", "deploy", "seeds", "tests")
NO_OPENING = {
    *("Of", "As", "What", "Whatever", "Whether", "Who", "Whoever", "Whose", "Which", "When"),
    *("Where", "Wherever", "How", "Why", "If", "So", "That"),
}

_WITH_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def problems(path: Path) -> Iterator[str]:
    """Every problem of a Python file, with its line.

    Raises:
        OSError: the file cannot be read.
        SyntaxError: it is no Python.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > MOST_LINES and not any(REASON in line for line in lines[:20]):
        yield f"{path}: {len(lines)} lines, more than {MOST_LINES}"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, _WITH_DOCSTRINGS):
            continue
        opening = (ast.get_docstring(node) or "").partition(" ")[0].rstrip(",.;:")
        if opening in NO_OPENING:
            line = node.body[0].lineno
            yield f"{path}:{line}: a docstring opens with '{opening}', no verb and no noun phrase"
        if not isinstance(node, ast.FunctionDef) or REASON in lines[node.lineno - 1]:
            continue
        if (length := _length(node)) > MOST_LINES_OF_A_FUNCTION:
            most = MOST_LINES_OF_A_FUNCTION
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, more than {most}"


def _length(function: ast.FunctionDef) -> int:
    """The lines of a function, less those of its docstring, which no reader has to follow."""
    first = function.body[0]
    text = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - text


def main(folders: Sequence[str]) -> int:
    """Print every problem; returns 1 where there is one."""
    files = (file for folder in folders for file in sorted(Path(folder).rglob("*.py")))
    found = [problem for file in files for problem in problems(file)]
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or FOLDERS))
