"""The console output of the CLI becomes facts."""
