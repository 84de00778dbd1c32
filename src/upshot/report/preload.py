"""Loads the libraries that a report needs, ahead of time: they take longer than the rendering."""

from __future__ import annotations


def preload() -> None:
    """Imports Jinja2 and the Markdown parser; called in a thread, while an AI answers."""
    import jinja2.sandbox  # noqa: F401
    import markdown_it  # noqa: F401
