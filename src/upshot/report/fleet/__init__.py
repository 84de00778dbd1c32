"""The report about an organization's stacks: which of them need a look."""
