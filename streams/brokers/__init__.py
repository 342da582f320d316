"""Brokers that Headrace can start by itself: one in memory for trying out, a real single-node
Kafka for keeping.
"""
