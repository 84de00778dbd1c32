"""Announcements: Slack, Microsoft Teams, and any webhook. Sent once, near the end of a run."""
