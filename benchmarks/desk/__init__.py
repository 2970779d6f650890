"""How fast the moderators' desk answers its keys: `python -m benchmarks.desk --help`."""
