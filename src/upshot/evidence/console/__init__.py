"""Console output of the Pulumi CLI to facts."""
