"""Which properties of a resource change, from which value to which."""
