"""The report about a workflow of Powabase: the answer, the change, what became of it."""
