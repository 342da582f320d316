"""The HTTP interface: routes, views, keys and live streams."""
