"""The engine's own event log and plan: what each event says, and the facts of a whole run."""
