"""Mutated packets and descriptions against a running stream."""
