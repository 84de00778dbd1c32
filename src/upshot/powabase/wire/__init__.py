"""Powabase over HTTP: routes, the chat stream, a turn that nothing of is lost, a guarded put."""
