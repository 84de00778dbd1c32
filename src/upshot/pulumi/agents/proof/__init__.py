"""The proof of work of a sign-up: the challenge, the search on all cores, and their bounds."""
