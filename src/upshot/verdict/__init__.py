"""What the facts mean for a workflow: verdict, risk, and the reason code of the run."""
