"""What an application answers to."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute


def routes_of(app: FastAPI) -> Iterator[str]:
    """Every route as `METHOD path`."""

    def walk(routes: object, prefix: str = "") -> Iterator[str]:
        for route in routes:  # type: ignore[attr-defined]
            if isinstance(route, APIRoute):
                yield from (f"{method} {prefix}{route.path}" for method in sorted(route.methods or ()))
            else:
                yield from walk(route.original_router.routes, prefix)

    yield from walk(app.routes)
