"""The pages that people work with: rendered here, made alive by HTMX and server-sent events."""
