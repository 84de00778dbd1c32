"""Slack, Microsoft Teams and a webhook."""
