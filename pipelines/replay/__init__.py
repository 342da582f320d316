"""Real orders as commands: read from files, put in order of time, and driven by what the stream answers."""
