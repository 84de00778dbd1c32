"""Agent accounts of Pulumi Cloud: signing up by proof of work, and handing over to a person."""
