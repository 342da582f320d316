"""What is stored: orders, stock, pool set-up. Rows of the pool table, one file a subject."""
