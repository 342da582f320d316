"""`headrace mails`: what customers are written, by templates that come with Headrace or by a merchant's own."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from api.customers.example import LINK, NAME, example_of
from api.customers.letters import write
from api.customers.wording.checking import FILE_CHARACTERS_MAX, FILES_MAX, faults_of
from api.customers.wording.wording import BUILT_IN, Wording, files_to_begin_from
from cli.console import fail, print_json
from cli.folders import write_files
from cli.remote import KEY_VARIABLE, URL, URL_VARIABLE, connected, data_folder
from models.records.mail import CustomerMail

app = typer.Typer(no_args_is_help=True)
_ENDINGS = (".txt", ".html")
Folder = Annotated[Path, typer.Argument(help="The folder of templates.", show_default=False)]
Pool = Annotated[str, typer.Option(help="Whose customers they are written to.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Stands in the audit log.")]
Url = Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Where the API is.")]
Key = Annotated[
    str, typer.Option(envvar=KEY_VARIABLE, help="An API key; on this machine, the one of `headrace up` by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


@app.callback()
def mails() -> None:
    """Mails to customers."""


@app.command()
def preview(
    mail: Annotated[CustomerMail, typer.Argument(help="What it is about.")],
    *,
    language: Annotated[str, typer.Option(help="A locale, such as en or de-AT.")] = "en",
    folder: Annotated[Path | None, typer.Option(help="Templates of your own; they are checked first.")] = None,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML instead of the text.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write it into this file instead of printing it.")] = None,
) -> None:
    """Print a mail with made-up content; nothing is sent.

    \b
    headrace mails preview shipped --language de
    headrace mails preview delayed --folder our-mails --html --out delayed.html
    """
    wording = BUILT_IN if folder is None else Wording(_checked(folder))
    picture, news = example_of(mail)
    spoken = wording.language_of(mail, language, "en")
    written = write(mail, picture, news, spoken, name=NAME, link=LINK, wording=wording)
    text = written.html if html else f"{written.subject}\n\n{written.text}"
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        print(f"Wrote {out}.")


@app.command()
def export(
    folder: Folder,
    *,
    pool: Annotated[str, typer.Option(help="Those of this pool that are in force, instead of the built-in ones.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    url: Url = URL,
    key: Key = "",
) -> None:
    """Write the templates that come with Headrace as a folder to begin from. Keep what you change, and delete the rest.

    \b
    headrace mails export our-mails
    """
    files = asyncio.run(_in_force(pool, url, key))["files"] if pool else files_to_begin_from()
    if not files:
        fail(f"{pool} has no templates of its own: `headrace mails export {folder}` writes the built-in ones")
    write_files(folder, files, force=force)
    print(f"Wrote {len(files)} files to {folder}.")


@app.command()
def check(folder: Folder) -> None:
    """Say what is wrong in a folder of templates, by file and line; nothing is sent, and nothing put into force.

    \b
    headrace mails check our-mails
    """
    print(f"{len(_checked(folder))} files are right.")


@app.command(name="apply")
def put_into_force(
    folder: Folder, *, pool: Pool, reason: Reason = "", url: Url = URL, key: Key = "", json: AsJson = False
) -> None:
    """Put a folder of templates into force, for what happens from now on. What is not in it is written as built in.

    \b
    headrace mails apply our-mails --pool my-shop --reason "Christmas"
    """
    _put(_checked(folder), pool, reason, (url, key), json=json)


@app.command()
def reset(*, pool: Pool, reason: Reason = "", url: Url = URL, key: Key = "", json: AsJson = False) -> None:
    """Go back to the templates that come with Headrace.

    \b
    headrace mails reset --pool my-shop
    """
    _put({}, pool, reason, (url, key), json=json)


@app.command()
def versions(*, pool: Pool, url: Url = URL, key: Key = "", json: AsJson = False) -> None:
    """List which templates were put into force, the newest first.

    \b
    headrace mails versions --pool my-shop
    """
    shown = asyncio.run(_in_force(pool, url, key))
    if json:
        print_json(shown["versions"])
        return
    if not shown["versions"]:
        print("The templates that come with Headrace are in force.")
    for one in shown["versions"]:
        what = f"{one['files']} files" if one["files"] else "as built in"
        print(f"{one['version']:>4}  {one['at']}  {one['actor']}  {what}  {one['reason']}".rstrip())


async def _in_force(pool: str, url: str, key: str) -> dict[str, Any]:
    async with connected(url, key, data_folder()) as remote:
        return await remote.get(pool, "/mails/templates")


def _put(files: dict[str, str], pool: str, reason: str, at: tuple[str, str], *, json: bool) -> None:
    async def put() -> dict[str, Any]:
        async with connected(*at, data_folder()) as remote:
            return await remote.put(pool, "/mails/templates", {"files": files, "reason": reason})

    shown = asyncio.run(put())
    if json:
        print_json(shown)
    else:
        done = "is in force" if shown["changed"] else "is in force already: nothing was changed"
        print(f"Version {shown['version']} {done}.")


def _checked(folder: Path) -> dict[str, str]:
    """Give the files of a folder that are right.

    Raises:
        Failure: it is no folder, or something in it is wrong.
    """
    files = _read(folder)
    faults = faults_of(files)
    if faults:
        fail("\n".join(["the templates cannot be put into force:", *(f"  {folder}/{fault}" for fault in faults)]))
    return files


def _read(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        fail(f"{folder} is no folder: `headrace mails export {folder}` writes one to begin from")
    found = [one for one in sorted(folder.rglob("*")) if one.suffix in _ENDINGS and one.is_file()]
    if not found or len(found) > FILES_MAX:
        fail(f"{folder} has {len(found)} templates: `headrace mails export` writes a folder to begin from")
    files = {}
    for path in found:
        # A character may be four bytes.
        if path.stat().st_size > 4 * FILE_CHARACTERS_MAX:
            fail(f"{path}: the file is longer than any mail")
        try:
            files[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            fail(f"{path}:{line}:1: the file is not UTF-8: save it as UTF-8")
    return files
