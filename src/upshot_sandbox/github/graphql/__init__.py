"""GitHub's GraphQL as the sandbox plays it."""
