"""Templates: their sandbox, and their byte code."""
