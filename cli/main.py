r"""The `headrace` command: one module a subcommand, imported only when that subcommand runs.

A module named here offers `app`, a Typer application with one command or several. A line of \b in
its help keeps the lines of the examples below it.
"""

import importlib
import sys
from typing import NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

PROGRAM = "headrace"
_EXIT_INTERRUPTED = 130
# Importing what formats help in colours takes longer than anything else that help does.
_PLAIN = None


class Entry(NamedTuple):
    """Where a subcommand lives, and its line in the list of commands."""

    module: str
    help: str


COMMANDS = {
    "up": Entry("cli.up", "Start everything on this machine, with a demo or your own folder."),
    "init": Entry("cli.init", "Write a configuration folder to begin with."),
    "apply": Entry("cli.apply", "Check a configuration folder, show what differs, apply it."),
    "export": Entry("cli.export", "Write what runs as a configuration folder."),
    "import-orders": Entry("cli.import_orders", "Import orders from CSV or JSON lines, open ones or of the past."),
    "worker": Entry("cli.worker", "Run one stream worker: it decides the commands of its pools."),
    "api": Entry("cli.api", "Run the HTTP API."),
    "exchange": Entry("cli.exchange", "Run the process that talks to other systems."),
    "connectors": Entry("cli.connectors", "List connectors, try messages, look after accounts."),
    "mails": Entry("cli.mails", "Show what customers are written, and bring templates of your own."),
    "shadow": Entry("cli.shadow", "Show what Headrace would have done with a merchant's own orders."),
    "broker": Entry("cli.broker", "Run a broker alone: in memory, or a real Kafka that keeps."),
    "topics": Entry("cli.topics", "Create the topics, or show what is there."),
    "archive": Entry("cli.archive", "Write the topics to Delta tables, exactly once."),
    "audit": Entry("cli.audit", "Check the invariants over everything that happened."),
    "nightly": Entry("cli.nightly", "Run the night of a day: audit, reconcile, learn, publish."),
    "nights": Entry("cli.nights", "Run the nights by schedule, with a page to look at them."),
    "breaks": Entry("cli.breaks", "List what partners tell differently, and close it with a reason."),
    "stock": Entry("cli.stock", "Compare levels with their ledger in the archive, and mend them."),
    "states": Entry("cli.states", "Print every status, hold, cause and code of orders and stock."),
    "replay": Entry("cli.replay", "Play real orders through the running system."),
    "demo": Entry("cli.demo", "Let shoppers buy and partners work, at a speed of your choice."),
    "load": Entry("cli.load", "Offer seeded traffic at a fixed rate."),
    "keys": Entry("cli.keys", "Create, list and revoke API keys."),
    "users": Entry("cli.users", "Add, list and disable people, and give them links to sign in."),
    "dead-letters": Entry("cli.dead_letters", "Look at what could not be handled, and replay it."),
}


class LazyGroup(TyperGroup):
    """Lists every subcommand from the table above and imports the one that is asked for."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 # Typer's own types are private.
        """Put the real command in place of its line in the list."""
        entry = COMMANDS.get(args[0]) if args else None
        if entry is not None:
            module = importlib.import_module(entry.module)
            module.app.rich_markup_mode = _PLAIN
            command = typer.main.get_command(module.app)
            command.name = args[0]
            self.commands[args[0]] = command
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name=PROGRAM,
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=_PLAIN,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with: headrace up. Each command explains itself: headrace COMMAND --help",
)


@app.callback()
def headrace() -> None:
    """Streaming order management: exact stock, routed orders, everything kept."""


def build() -> TyperGroup:
    """Give the whole command with a line for every subcommand."""
    group = cast("TyperGroup", typer.main.get_command(app))
    for name, entry in COMMANDS.items():
        group.commands[name] = TyperCommand(name=name, help=entry.help)
    return group


def main() -> None:
    """Run the command line; what can be expected to fail says what to do, without a traceback."""
    try:
        build()(prog_name=PROGRAM)
    except KeyboardInterrupt:
        sys.exit(_EXIT_INTERRUPTED)
    except Exception as error:
        from cli.console import explain

        text = explain(error)
        if text is None:
            raise
        sys.exit(text)


if __name__ == "__main__":
    main()
