"""The labels of a pull request: what our comments on it say, for lists, rules and other workflows."""
