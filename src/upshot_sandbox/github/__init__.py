"""GitHub as the sandbox plays it."""
