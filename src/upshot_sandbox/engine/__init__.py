"""What the engine says of an update: its events, and the text that the CLI prints of them."""
