"""How well the ear hears, and what it costs: `python -m benchmarks.ear --help`."""
