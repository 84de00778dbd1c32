"""The real Pulumi CLI as a judge: it is built here, run on programs of ours, and its words are kept."""
