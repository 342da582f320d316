"""`headrace dead-letters`: what could not be handled, and sending it again, through a running API."""

import json as json_text
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated, Any

import typer

from cli.console import fail, print_json

app = typer.Typer(no_args_is_help=True)
Url = Annotated[str, typer.Option(envvar="HEADRACE_API_URL", help="Where the API listens.")]
Key = Annotated[str, typer.Option(envvar="HEADRACE_API_KEY", help="A key with the scope admin for all pools.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
_URL = "http://127.0.0.1:8080"
_TIMEOUT_SECONDS = 30.0


@app.callback()
def dead_letters() -> None:
    """Look at messages that could not be handled, and send them again once the cause is mended.

    \b
    export HEADRACE_API_KEY=$(headrace keys create ops --scope admin --json | jq -r .key)
    headrace dead-letters list
    headrace dead-letters replay d0123456789abcdef
    """


@app.command("list")
def list_letters(
    *,
    url: Url = _URL,
    key: Key = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    json: AsJson = False,
) -> None:
    """The newest first."""
    found = _ask(url, key, "GET", f"/v1/dead-letters?limit={limit}")["dead_letters"]
    if json:
        print_json(found)
        return
    for letter in found:
        again = "sent again" if letter["replayed"] else ""
        place = f"{letter['source']} {letter['offset']}/{letter['index']}"
        print(f"{letter['dead_letter_id']}  {letter['recorded_at']}  {letter['code']:<16} {place}  {again}")
        print(f"    {letter['text']}")
    if not found:
        print("There are no dead letters.")


@app.command()
def replay(
    dead_letter_id: Annotated[str, typer.Argument(help="As `headrace dead-letters list` shows it.")],
    *,
    url: Url = _URL,
    key: Key = "",
    json: AsJson = False,
) -> None:
    """Send the original message again as a command, once."""
    quoted = urllib.parse.quote(dead_letter_id, safe="")
    answer = _ask(url, key, "POST", f"/v1/dead-letters/{quoted}/replay")
    if json:
        print_json(answer)
        return
    if "account" in answer:
        print(f"Read again for {answer['account']}: it asked for {answer['commands']} commands.")
        return
    print(f"Sent again as command {answer['command_id']}; what became of it: {answer['status_url']}")


def _ask(url: str, key: str, method: str, path: str) -> Any:
    if not key:
        fail("no API key: give --key or HEADRACE_API_KEY (headrace keys create NAME --scope admin)")
    if not url.startswith(("http://", "https://")):
        fail(f"--url {url}: give an http:// or https:// address")
    request = urllib.request.Request(  # noqa: S310 # The scheme is checked above.
        url.rstrip("/") + path, method=method, headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            return json_text.load(response)
    except urllib.error.HTTPError as error:
        problem = json_text.loads(error.read() or b"{}")
        fail(str(problem.get("detail") or f"the API answered {error.code}"))
    except urllib.error.URLError as error:
        fail(f"no API answers at {url} ({error.reason}): start it with `headrace api`, or give --url")
