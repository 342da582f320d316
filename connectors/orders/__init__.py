"""Files of orders, CSV or JSON lines: to what the API is asked, and to what became of each row. Pure."""
