"""GitHub's API for one repository; the only folder that knows PyGithub."""
