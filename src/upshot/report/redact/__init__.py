"""Secrets are found in a text and masked."""
