"""Rules of stock: documents, counts, transfers, and what follows when levels fall or rise."""
