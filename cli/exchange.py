"""`headrace exchange`: the process that asks other systems, watches folders, and delivers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import fail

app = typer.Typer()


@app.command()
def exchange(
    *,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT of Kafka.  [HEADRACE_BROKER]")] = None,
    data: Annotated[Path | None, typer.Option(help="Where the API keeps its data.  [HEADRACE_DATA_DIR]")] = None,
    views: Annotated[
        Path | None,
        typer.Option(help="Its views, of no other process; default: `exchange` in the data.  [HEADRACE_VIEWS_DIR]"),
    ] = None,
) -> None:
    """Talk to other systems until stopped; of several such processes one works, the others stand by.

    It asks shops and partners what is new, watches folders, takes up messages that wait for their order, and delivers
    what happens: webhooks, partners' documents, availability, mails. `headrace up` starts one; start
    your own where you start the API by itself, with the same data directory. What goes out and what waits
    is on the page Connections, and `headrace connectors accounts` shows how far it has read.

    Whatever it was in the middle of when it ends is begun again by the next one, with nothing told twice in effect.

    \b
    headrace exchange --broker localhost:9092
    headrace exchange --broker localhost:9092 --data /srv/headrace --views /srv/headrace/exchange-2
    """
    from api.control.personal import MasterKeyError
    from api.exchange.process import run
    from api.settings import ApiSettings
    from api.views.store import ViewsInUseError

    options: dict[str, Any] = {"broker": broker, "data_dir": data, "views_dir": views}
    # What is not given here comes from the environment.
    settings = ApiSettings(**{name: value for name, value in options.items() if value is not None})
    if settings.views_dir is None:
        settings = settings.model_copy(update={"views_dir": settings.data_dir / "exchange"})
    try:
        run(settings)
    except (MasterKeyError, ViewsInUseError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"the data in {settings.data_dir} cannot be kept: {error}")
