"""GitHub's API for one repository; only here PyGithub is known."""
