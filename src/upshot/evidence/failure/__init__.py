"""What failed, what the cause is, and what only followed from it."""
