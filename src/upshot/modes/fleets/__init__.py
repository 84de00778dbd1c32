"""Mode `fleet`: reading an organization's stacks, and reporting which of them need a look."""
