"""Translators, one file a system: payload to commands and documents, and back."""
