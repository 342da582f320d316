"""`headrace topics`: create what is missing of the catalogue, and tell where the broker differs."""

from typing import Annotated

import typer

from cli.console import print_json

app = typer.Typer()


@app.command()
def topics(
    *,
    broker: Annotated[str, typer.Option(envvar="HEADRACE_BROKER", help="HOST:PORT of Kafka.")] = "127.0.0.1:9092",
    prefix: Annotated[str, typer.Option(envvar="HEADRACE_TOPIC_PREFIX", help="Put before every name.")] = "",
    replication: Annotated[int, typer.Option(help="Copies of each record; -1 leaves it to the cluster.")] = -1,
    json: Annotated[bool, typer.Option("--json", help="Print what was done as one line of JSON.")] = False,
) -> None:
    """Create the topics that are missing; those that are there stay as they are.

    \b
    headrace topics --broker kafka:9092 --replication 3
    """
    from models.topics import catalogue
    from streams.admin import ensure_topics

    report = ensure_topics(broker, catalogue(prefix), replication_factor=replication)
    if json:
        print_json(report)
        return
    for name in report.created:
        print(f"created  {name}")
    for name in report.existing:
        print(f"present  {name}")
    for drift in report.drift:
        print(
            f"differs  {drift.topic}: {drift.setting} is {drift.found}, meant to be {drift.expected}; change it by hand"
        )
