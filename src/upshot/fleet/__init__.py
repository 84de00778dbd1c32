"""Which stacks of an organization are meant, and how they are shared out among jobs. Pure."""
