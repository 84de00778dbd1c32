"""The person's screen: how pages are drawn there, and the pager."""
