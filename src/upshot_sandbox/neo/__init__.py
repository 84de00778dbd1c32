"""Pulumi Neo in the sandbox: tasks, their events, and a script that plays them."""
