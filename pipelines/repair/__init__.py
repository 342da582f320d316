"""Balances rebuilt from the ledger in the archive, against those that are published."""
