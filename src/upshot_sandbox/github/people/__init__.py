"""What people do on GitHub besides commenting: commits, reviews, environments, teams, runs."""
