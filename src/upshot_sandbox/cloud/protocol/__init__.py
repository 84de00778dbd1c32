"""The update protocol: what a real Pulumi CLI sends while it previews, updates, refreshes, destroys.

What it records is served by the routes that everybody reads (`cloud.updates`, `cloud.stacks`).
"""
