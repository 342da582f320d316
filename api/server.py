"""Runs the API as a process of its own: one process, so that a kill ends all of it."""

import asyncio
import gc
import logging
import signal
import sys

import structlog
import uvloop
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from api.app import create_app
from api.services import Services
from api.settings import ApiSettings
from api.web.render import prepare_templates

# Each look into SQLite lets another thread go on; at Python's 5 ms a request would wait that long to be let in again.
_SWITCH_SECONDS = 0.0005
_BACKLOG = 1_024


def serve(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT. Each process holds its own views and streams; more servers are more processes."""
    configure_log()
    sys.setswitchinterval(_SWITCH_SECONDS)
    uvloop.run(_serve(settings))


async def _serve(settings: ApiSettings) -> None:
    app = create_app(Services(settings))
    _prepare(app)
    # Modules, routes and models stay for good: a collection that looks at all of them again stops requests for long.
    gc.collect()
    gc.freeze()
    server = Server(
        app,
        address=settings.api_host,
        port=settings.api_port,
        interface=Interfaces.ASGI,
        backlog=_BACKLOG,
        backpressure=_BACKLOG,
        log_level=LogLevels.error,
        websockets=False,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    structlog.get_logger(__name__).info("listening", host=settings.api_host, port=settings.api_port)
    await server.serve()


def _prepare(app: FastAPI) -> None:
    """Make now what is otherwise made when it is first needed, so that no first visitor waits for it."""
    prepare_templates()
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []})


def configure_log() -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
