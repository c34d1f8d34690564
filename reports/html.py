"""Pages of a report: templates filled in, with the style that all of them share."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2

TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """Fill in a template, which finds the report's style among its values."""
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    css_hash = b64encode(sha256(css.encode()).digest()).decode()
    return _template(template).render(css=css, css_hash=css_hash, **values)


def _template(name: str) -> jinja2.Template:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)
