"""How a report shows what changes: a row for each resource, its properties as a folded diff."""
