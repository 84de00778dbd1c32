"""A report in short, for chats and webhooks."""
