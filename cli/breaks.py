"""`headrace breaks`: what the nights found to differ from the partners' files, and closing it for good."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import Failure, fail, print_json
from cli.control import DATA, DataDir, actor, now_ms, opened_control

app = typer.Typer(no_args_is_help=True)
Lake = Annotated[
    str | None, typer.Option(envvar="HEADRACE_LAKE", help="Where the archive is (default: lake in --data).")
]
Ids = Annotated[list[str], typer.Argument(help="As `headrace breaks list` or the night's report shows them.")]
Reason = Annotated[str, typer.Option(help="Why; stands in the report and in the audit log.")]


@app.callback()
def breaks() -> None:
    """List the breaks of the newest night; close those that a person has looked into.

    \b
    headrace breaks list --class duplicate
    headrace breaks close 6f1d2c3b4a596877 --reason 'on their invoice once'
    """


@app.command("list")
def list_breaks(
    *,
    pool: Annotated[str, typer.Option(help="Only this pool.")] = "",
    kind: Annotated[str, typer.Option("--class", help="Only this class, such as duplicate.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that people closed.")] = False,
    data: DataDir = DATA,
    lake: Lake = None,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """The open breaks, the oldest first."""
    from pipelines.night.breaks import OPEN

    rows = [
        row
        for row in _standing(data, lake, pool)
        if (everything or row["state"] == OPEN) and kind in {"", row["class"]}
    ]
    if json:
        print_json(rows)
        return
    for row in rows:
        closed = f"  closed by {row['closed_by']}: {row['reason']}" if row["closed_by"] else ""
        print(f"{row['break_id']}  {row['pool']}  {row['class']:<14} since {row['first_seen']}  {row['order_id']}")
        print(f"    {row['text']}{closed}")
    if not rows:
        print("There are none.")


@app.command()
def close(
    break_id: Ids,
    *,
    reason: Reason,
    data: DataDir = DATA,
    lake: Lake = None,
) -> None:
    """Close breaks that stay as they are: a duplicate that was not invoiced, a loss that was settled.

    Each stays closed in all nights to come unless what it says changes. The night that showed it is not rewritten.
    """
    from pipelines.night.breaks import CLOSED

    _rule(break_id, CLOSED, reason, data, lake)


@app.command()
def reopen(
    break_id: Ids,
    *,
    reason: Reason,
    data: DataDir = DATA,
    lake: Lake = None,
) -> None:
    """Open breaks again that a person closed."""
    from pipelines.night.breaks import OPEN

    _rule(break_id, OPEN, reason, data, lake)


def _rule(break_ids: list[str], state: str, reason: str, data: Path, lake: str | None) -> None:
    """All that are named, or none when one of them cannot be; each with its audit line."""
    from api.control.audit import AuditLine, PendingLines, summary
    from pipelines.night.rulings import RulingError, keep_ruling, ruling_on, verb_of
    from pipelines.night.store import Store

    if not reason.strip():
        fail("--reason is empty: say why, it stands in the report and in the audit log")
    standing = _standing(data, lake, "")
    try:
        found = [ruling_on(standing, one, state) for one in dict.fromkeys(break_ids)]
    except RulingError as error:
        raise Failure(f"{error}; nothing was changed") from error
    store, who = Store(_lake(data, lake)), actor()
    with opened_control(data) as database:
        pending = PendingLines(database)
        for row in found:
            at_ms = now_ms()
            line = AuditLine(
                at_ms=at_ms,
                actor=who,
                action=f"{verb_of(state)}_break",
                pool=row["pool"],
                target=f"break:{row['break_id']}",
                reason=reason,
                before=summary({name: row[name] for name in ("state", "class", "order_id", "sku", "text")}),
                after=summary({"state": state}),
                command_id=f"break/{row['break_id']}/{at_ms}",
            )
            # Should this process die in between, the API writes the line that is left behind.
            pending.keep(line)
            keep_ruling(store, row, state, who, reason, at_ms)
            pending.finish(line, line.command_id)
            print(f"{row['break_id']} is {state} from the next night on: {row['text']}")


def _standing(data: Path, lake: str | None, pool: str) -> list[dict[str, Any]]:
    from pipelines.night.rulings import standing_breaks
    from pipelines.night.store import Store

    return standing_breaks(Store(_lake(data, lake)), pool)


def _lake(data: Path, lake: str | None) -> str:
    return lake if lake and "://" in lake else str(Path(lake or data / "lake").absolute())
