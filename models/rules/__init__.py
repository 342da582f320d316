"""What the business does: pure functions from (view, command) to a decision."""
