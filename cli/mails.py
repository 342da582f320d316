"""`headrace mails`: what customers are written."""

from typing import Annotated

import typer

from api.customers.example import LINK, NAME, example_of
from api.customers.languages import WORDS, language_of
from api.customers.letters import write
from models.records.mail import CustomerMail

app = typer.Typer(no_args_is_help=True)


@app.callback()
def mails() -> None:
    """Mails to customers."""


@app.command()
def preview(
    mail: Annotated[CustomerMail, typer.Argument(help="What it is about.")],
    language: Annotated[str, typer.Option(help=f"A locale: {', '.join(WORDS)}, or such as de-AT.")] = "en",
    html: Annotated[bool, typer.Option("--html", help="Print the HTML instead of the text.")] = False,
) -> None:
    """Print a mail with made-up content; nothing is sent.

    \b
    headrace mails preview shipped --language de
    headrace mails preview delayed --html > delayed.html
    """
    picture, news = example_of(mail)
    written = write(mail, picture, news, language_of(language), name=NAME, link=LINK)
    if html:
        print(written.html)
    else:
        print(f"{written.subject}\n\n{written.text}")
