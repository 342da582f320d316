"""Scripts that print figures as JSON."""
