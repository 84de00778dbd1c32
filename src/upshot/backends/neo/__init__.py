"""Pulumi Neo as a backend: a task is created or continued, followed, and reported."""
