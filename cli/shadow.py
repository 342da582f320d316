"""`headrace shadow`: what Headrace would have done with a merchant's own orders. Nothing is sent anywhere."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from cli.console import fail, people, print_json, progress
from cli.folders import read_files

if TYPE_CHECKING:
    from cli.shadow_messages import MessagesRead
    from connectors.folder.setup import Setup
    from models.records.pool import RoutingModel
    from pipelines.shadow.history import Told
    from pipelines.shadow.shadow import Shadowed

app = typer.Typer()
_REFUSED_SHOWN = 10


@app.command()
def shadow(
    folder: Annotated[Path, typer.Argument(help="The configuration folder of the pool.", show_default=False)],
    *,
    messages: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of messages and files that the shop and the 3PL sent; may be repeated."),
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="An account that was in shadow: what it was told since; may be repeated.")
    ] = None,
    data: Annotated[Path, typer.Option("--data", envvar="HEADRACE_DATA_DIR", help="Where the API keeps its data.")] = (
        Path("var")
    ),
    pool: Annotated[str, typer.Option(help="Which pool, where the folder has several.")] = "",
    model: Annotated[
        Path | None, typer.Option(help="A routing model as JSON (`lanes`), to decide and to judge lateness with.")
    ] = None,
    overdue_days: Annotated[
        int, typer.Option(help="After how many days an order that has not left counts as never shipped.", min=1)
    ] = 7,
    out: Annotated[Path, typer.Option(help="Where the report is written.")] = Path("shadow"),
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what Headrace would have done with orders that the merchant has handled already. Nothing is sent.

    Reads what the shop and the 3PL said, plays orders, stock and parcels in the order of their own times through the
    core, in a simulated pool that is set up as FOLDER says, and lays what it would have done beside what was done: from
    where each order left, in money by the rate card of policy.yaml, in late orders, in parcels. It also lists what it
    would have caught: orders sold beyond what was there, shipped twice, shipped though called off, never shipped,
    counts that differ from the movements, SKUs that nobody mapped.

    Messages are recognised as `headrace connectors check` does. Each belongs to the account of connectors.yaml that has
    its connector; where several have, put the messages of each into a folder of the account's name. Map locations and
    SKUs in connectors.yaml, aliases.csv and listings.csv first: what is not mapped is listed, and not compared.

    Accounts in shadow (without `live: yes`) are asked and listened to, and told nothing. What they were told in the
    last half year is read with --account, on the machine of the API, beside messages or instead of them.

    The folder `shadow` (or --out) gets report.html, which opens from disk; orders.csv, days.csv and breaks.csv;
    report.json with all of it; and commands.jsonl, what the simulated pool was told. What was assumed stands in the
    report. docs/shadow.md explains the figures, and how to go live.

    \b
    headrace shadow my-shop --messages export/
    headrace shadow my-shop --messages shop-export --messages 3pl-files --out march
    headrace shadow my-shop --account shop-us --account threepl --data var
    headrace shadow my-shop --messages export/ --json > figures.json
    """
    if not (messages or account):
        fail("name what to read: --messages FOLDER, or --account NAME of one in shadow")
    setup = _setup(folder, pool)
    told, read = _read(messages or (), setup, json=json)
    told += _kept(account or (), data, setup)
    if not told:
        fail("nothing of it says anything: see why with `headrace connectors check`")
    found = _played(told, setup, _model(model), overdue_days, json=json)
    _write(out, found)
    _tell(out, found, read, json=json)


def _setup(folder: Path, pool: str) -> "Setup":
    from cli.differing import tell_faults
    from connectors.folder.reading import read_folder

    found = read_folder(read_files(folder))
    if found.faults:
        tell_faults(folder, found.faults, json=False)
        raise typer.Exit(1)
    pools = {one.head.pool: one for one in found.pools}
    if not pool and len(pools) > 1:
        fail(f"{folder} has several pools: name one with --pool, of {', '.join(pools)}")
    chosen = pools.get(pool) if pool else next(iter(pools.values()))
    if chosen is None:
        fail(f"{folder} has no pool {pool}: it has {', '.join(pools)}")
    return chosen


def _model(path: Path | None) -> "RoutingModel | None":
    if path is None:
        return None
    from models.records.pool import RoutingModel
    from models.rules.routing.lateness import is_lane

    class Given(msgspec.Struct):
        lanes: dict[str, tuple[int, ...]]

    try:
        given = msgspec.json.decode(path.read_bytes(), type=Given)
    except (OSError, msgspec.MsgspecError) as error:
        fail(f'{path} is no routing model: {error}. Write {{"lanes": {{"LOCATION/COUNTRY": [0, 400, 900]}}}}')
    wrong = [key for key, lane in given.lanes.items() if not is_lane(lane) or not 0 <= lane[0] <= lane[-1] <= 1000]  # noqa: PLR2004 # Per mille.
    if wrong:
        fail(f"{path}: lane {wrong[0]} has to rise from 0 to 1000 at most, in per mille, day by day")
    return RoutingModel(version=1, lanes=given.lanes)


def _read(folders: Iterable[Path], setup: "Setup", *, json: bool) -> tuple[list["Told"], "MessagesRead"]:
    from cli.connectors_check import files_below
    from cli.shadow_messages import MessagesRead
    from connectors.frame.registry import connectors

    read = MessagesRead(setup, connectors())
    told: list[Told] = []
    with progress(shown=not json) as bar:
        for folder in folders:
            task = bar.add_task("reading", total=sum(size for _, size in files_below(folder)), note=str(folder))
            told += read.facts(folder, lambda size, task=task: bar.update(task, advance=size))  # type: ignore[misc] # It is called at once.
    return told, read


def _kept(names: Iterable[str], data: Path, setup: "Setup") -> Iterator["Told"]:
    """Give what accounts in shadow were told; what they map is read from the folder, where it has them."""
    from cli.control import opened_stores
    from pipelines.shadow.history import Told

    in_folder = {one.name: one for one in setup.accounts or ()}
    for name in names:
        with opened_stores(data) as stores:
            stored = stores.accounts.find(name)
            if stored is None:
                fail(f"there is no account {name} in {data}: see `headrace connectors accounts --data {data}`")
            account = in_folder.get(name, stored.setup)
            yield from [Told(account, fact) for fact in stores.shadow.of(name)]


def _played(
    told: Iterable["Told"], setup: "Setup", model: "RoutingModel | None", overdue_days: int, *, json: bool
) -> "Shadowed":
    from pipelines.shadow.shadow import shadow as shadowed

    with progress(shown=not json) as bar:
        task = bar.add_task("playing", total=None, note="")
        return shadowed(
            told,
            setup,
            model=model,
            overdue_days=overdue_days,
            progress=lambda done, count: bar.update(task, completed=done, total=count),
        )


def _write(out: Path, found: "Shadowed") -> None:
    from pipelines.shadow.files import files_of

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files_of(found):
            (out / name).write_bytes(content)
    except OSError as error:
        fail(f"the report cannot be written to {out}: {error.strerror}")


def _tell(out: Path, found: "Shadowed", read: "MessagesRead", *, json: bool) -> None:
    from pipelines.shadow.words import sentences

    report, files = found.report, dict(sorted(read.files.items()))
    if json:
        print_json({"pool": report.pool, "summary": report.summary, "assumed": report.assumed, "files": files})
        return
    for sentence in sentences(report):
        print(f"- {sentence}")
    print("\nWhat this rests on:")
    for sentence in report.assumed:
        print(f"- {sentence}")
    for name in sorted(read.without_account):
        people.print(f"No account in connectors.yaml is of {name}: its locations and SKUs are taken as they are.")
    for text in read.refused[:_REFUSED_SHOWN]:
        people.print(f"refused: {text!a}", markup=False)
    if len(read.refused) > _REFUSED_SHOWN:
        people.print(f"and {len(read.refused) - _REFUSED_SHOWN} more: `headrace connectors check` shows them all")
    print(f"\nThe whole report: {out / 'report.html'}")
