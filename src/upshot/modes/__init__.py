"""What a run does: one module a mode; `shared` holds the steps that several of them take."""
