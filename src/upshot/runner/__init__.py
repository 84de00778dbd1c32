"""The runner: workflow commands, file commands, streams. The only room that prints."""
