"""A Powabase project as the sandbox plays it: workflows, and a Copilot that follows a script."""
