"""Pulumi Cloud, GitHub and Powabase on loopback: stateful, strict about what it is sent, with faults.

For development only: `make try`, tests and benchmarks. Never imported by `upshot`, not in the image.
"""
