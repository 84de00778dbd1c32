"""Where a user's template is rendered: a process that may do little, and dies alone."""
