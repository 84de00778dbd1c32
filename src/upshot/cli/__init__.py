"""`upshot` on a desk: the readers, rules and pages of the action, for a person at a terminal.

One module a command, named in `options.COMMANDS`; `main` is the process.
"""
