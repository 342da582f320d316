"""How commands of an import show that they are some."""

IMPORT_REASON = "headrace import-orders"
"""The reason of each: customers of orders that are taken over were written to by whoever took them."""
