"""Pulumi Neo's wire: tasks and their events."""
