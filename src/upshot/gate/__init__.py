"""Whether a person approved a commit, a plan, a change: request, commands, verifier, audit. Pure."""
