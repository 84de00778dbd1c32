"""Mode `powabase`: one turn with the Copilot about a workflow, and what becomes of its change."""
