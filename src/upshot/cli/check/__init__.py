"""`upshot check`: what is wrong, or could be better, about the use of Upshot in workflow files.

`parse` makes a `Workflow` of hostile YAML, each module of rules looks at one thing, and `command` shows what
they found. Nothing of a workflow is run, and nothing is looked up.
"""
