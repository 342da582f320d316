"""One module or package a system, each with its `CONNECTOR`. A file put here is a connector: nothing else names it."""
