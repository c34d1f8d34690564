"""A document of ``docs/`` as HTML, which reads the same where the other documents are not."""

import re
from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

# Tags that our own tables need for a sign that would end a cell.
_CODE = re.compile(r"&lt;(/?code)&gt;")


def as_html(text: str, pages: Mapping[str, str]) -> str:
    """Markdown with tables as HTML. Headings get the anchors that GitHub gives them.

    Links to other files of the repository, which do not travel with a report, become plain text.
    HTML within the text is shown and not obeyed, but for <code> and entities.

    Args:
        pages: addresses of documents that do travel, by those that the text links to.
    """
    parser = MarkdownIt(
        "commonmark", {"html": False, "typographer": True}, renderer_cls=_Renderer
    ).enable(["table", "smartquotes"])
    tokens = parser.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[place + 1].content))
        elif token.type == "inline":
            _relink(token.children or [], pages)
    return _CODE.sub(r"<\1>", parser.renderer.render(tokens, parser.options, {}))


class _Renderer(RendererHTML):
    """A table can be wider than a phone: it scrolls within a box, with the keyboard too."""

    def table_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        heading = next((t.content for t in reversed(tokens[:index]) if t.type == "inline"), "")
        number = sum(token.type == "table_open" for token in tokens[: index + 1])
        label = re.sub(r"[^\w ,.:’-]", "", heading)[:60]
        return (
            f'<div class="scroll whole" tabindex="0" role="region" aria-label="Table {number}: '
            f'{label}">\n<table>\n'
        )

    def table_close(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table>\n</div>\n"

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        # It scrolls where it is wider than a phone, with the keyboard too.
        block = super().fence(tokens, index, options, env)
        return block.replace("<pre>", '<pre tabindex="0">', 1)


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")


def _relink(children: list[Token], pages: Mapping[str, str]) -> None:
    is_within = False
    for child in children:
        if child.type == "link_open":
            file, sign, anchor = str(child.attrGet("href")).partition("#")
            if file in pages:
                child.attrSet("href", f"{pages[file]}{sign}{anchor}")
            is_within = bool(file) and file not in pages
            is_within = is_within and not file.startswith(("http://", "https://"))
        if is_within and child.type in ("link_open", "link_close"):
            is_within = child.type == "link_open"
            child.type, child.tag, child.nesting, child.content = "text", "", 0, ""
