"""Generated traffic: a seeded workload as encoded commands. Pure: times are given, nothing is sent."""
