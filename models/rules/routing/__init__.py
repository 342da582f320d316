"""Choosing locations: costs, the exact kernel, and claiming what it chose."""
