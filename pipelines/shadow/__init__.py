"""A merchant's own history beside what Headrace would have done: pure, from messages to figures."""
