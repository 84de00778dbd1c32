"""Pulumi Cloud as the sandbox plays it."""
