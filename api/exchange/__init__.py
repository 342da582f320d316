"""Talking to other systems: accounts and their secrets, messages in, and what is told to others."""
