"""Secrets in configs of blocks: found by name and by shape, hidden, and put back."""
