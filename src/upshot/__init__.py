"""Upshot: a GitHub Action that explains Pulumi updates on their pull request."""

__version__ = "0.1.0"
