"""Inputs that belong to one publisher alone; each is read only where the workflow uses it."""
