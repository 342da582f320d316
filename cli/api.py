"""`headrace api`: the HTTP API, one process."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import fail

app = typer.Typer()


@app.command()
def api(
    *,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT of Kafka.  [HEADRACE_BROKER]")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [HEADRACE_API_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [HEADRACE_API_PORT]")] = None,
    data: Annotated[Path | None, typer.Option(help="Keys, the master key, views.  [HEADRACE_DATA_DIR]")] = None,
    views: Annotated[
        Path | None,
        typer.Option(help="Its views, of no other process; default: with the rest.  [HEADRACE_VIEWS_DIR]"),
    ] = None,
) -> None:
    """Serve the API until stopped. It answers 503 while the broker is away, and catches up by itself.

    \b
    headrace api --broker localhost:9092
    headrace api --port 8081 --views var/api-2
    """
    from api.control.personal import MasterKeyError
    from api.server import serve
    from api.settings import ApiSettings
    from api.views.store import ViewsInUseError

    options: dict[str, Any] = {
        "broker": broker,
        "api_host": host,
        "api_port": port,
        "data_dir": data,
        "views_dir": views,
    }
    # What is not given here comes from the environment.
    settings = ApiSettings(**{name: value for name, value in options.items() if value is not None})
    try:
        serve(settings)
    except (MasterKeyError, ViewsInUseError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"the API cannot listen on {settings.api_host}:{settings.api_port} or keep its data: {error}")
