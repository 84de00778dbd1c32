"""Markdown that is safe to show and fits."""
