"""`headrace api`: the HTTP API, one process."""

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()


@app.command()
def api(
    *,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT of Kafka.  [HEADRACE_BROKER]")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [HEADRACE_API_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [HEADRACE_API_PORT]")] = None,
    data: Annotated[Path | None, typer.Option(help="Views, keys and the master key.  [HEADRACE_DATA_DIR]")] = None,
) -> None:
    """Serve the API until stopped. It answers 503 while the broker is away, and catches up by itself.

    \b
    headrace api --broker localhost:9092
    headrace api --port 8081 --data var/api-2
    """
    from api.server import serve
    from api.settings import ApiSettings

    options: dict[str, Any] = {"broker": broker, "api_host": host, "api_port": port, "data_dir": data}
    # What is not given here comes from the environment.
    serve(ApiSettings(**{name: value for name, value in options.items() if value is not None}))
