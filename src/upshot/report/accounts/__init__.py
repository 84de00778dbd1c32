"""The report of an agent account: its sign-up, what a claim would move, and how far a claim is."""
