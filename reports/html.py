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
    return load_template(TEMPLATES, template).render(css=css, css_hash=policy_hash(css), **values)


def policy_hash(text: str) -> str:
    """SHA-256 of an inline style or script, as a content security policy has it."""
    return b64encode(sha256(text.encode()).digest()).decode()


def load_template(folder: Path, name: str) -> jinja2.Template:
    """Load a template that escapes every value, and fails where one is missing."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)
