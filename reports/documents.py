"""Documents of the repository as pages beside the report's, as they were when it was made."""

import posixpath
from pathlib import Path

from reports import credit, html, markdown

ROOT = Path(__file__).parents[1]

# By the name of the page: where the document is in the repository, and its title.
DOCUMENTS = {
    credit.METHODOLOGY: ("docs/methodology.md", "Methodology"),
    "ten-things.html": ("docs/ten-things.md", "Ten things to do here"),
    "sdmx.html": ("docs/sdmx.md", "SDMX"),
    "tableau.html": ("docs/tableau.md", "Tableau"),
    "changelog.html": ("CHANGELOG.md", "Changelog"),
    "licence.html": ("LICENSE-DATA.md", "Licence of the data"),
}


def titles() -> dict[str, str]:
    """Titles of what there is to read beside the figures, by the names of the pages, in order."""
    of_documents = {name: title for name, (_, title) in DOCUMENTS.items()}
    return {credit.QUALITY: "Quality report", **of_documents}


def write_documents(folder: Path) -> None:
    """Write each document as a page; links between them stay links."""
    pages = {source: name for name, (source, _) in DOCUMENTS.items()}
    for name, (source, title) in DOCUMENTS.items():
        body = markdown.as_html((ROOT / source).read_text("utf-8"), _addresses(source, pages))
        page = html.render(
            "document.html.j2", body=body, title=title, name=name, documents=titles()
        )
        (folder / name).write_text(page, encoding="utf-8")


def _addresses(source: str, pages: dict[str, str]) -> dict[str, str]:
    """Pages by what a document writes to link to their sources."""
    folder = posixpath.dirname(source) or "."
    return {posixpath.relpath(other, folder): name for other, name in pages.items()}
