"""What the business is (records) and does (rules): pure, without I/O, clock or randomness."""
