"""Pulumi Cloud's wire on `upshot.http`: updates, Copilot, OIDC exchange, Neo tasks."""
