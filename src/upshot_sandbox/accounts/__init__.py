"""Agent accounts on loopback: sign-up by proof of work, validation, claims, and what they move."""
