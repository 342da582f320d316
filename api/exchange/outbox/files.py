"""Documents for a partner's folder: written under a hidden name first, then renamed, each of them once.

That the hidden file is complete is noted before it is renamed. So after a crash one that is noted and not there any
more has been renamed, and is not written again, even where the partner has taken it away since. Object storage cannot
rename: there a document is one put, which a crash just after it repeats unless the document is still there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.exchange.folders import Folder, FolderError, is_name
from connectors.frame.documents import FileDocument

STAGED = "staged"
_TIMEOUT_SECONDS = 60.0

Result = TypeVar("Result")


class OutFolder(Folder):
    """A folder that a partner takes files from."""

    def stage(self, delivery_id: str, content: bytes) -> None:
        """Write the hidden file."""
        self.guarded(lambda: self._stage(f"{self._path}/.{delivery_id}.part", content))

    def publish(self, delivery_id: str, document: FileDocument) -> None:
        """Rename the hidden file, if it is still there."""
        if not is_name(document.name):
            raise FolderError(f"{document.name!a} is no name of a file")
        hidden, final = f"{self._path}/.{delivery_id}.part", f"{self._path}/{document.name}"
        self.guarded(lambda: self._publish(hidden, final, document))

    @staticmethod
    def guarded(do: Callable[[], None]) -> None:
        """Do something; each file system has errors of its own, and what fails here is tried again."""
        try:
            do()
        except FolderError:
            raise
        except Exception as error:
            raise FolderError(f"{type(error).__name__}: {error}") from error

    def _stage(self, hidden: str, content: bytes) -> None:
        if not self._files.puts_whole:
            self._files.raw.makedirs(self._path, exist_ok=True)
            self._files.write(hidden, content)

    def _publish(self, hidden: str, final: str, document: FileDocument) -> None:
        raw, puts_whole = self._files.raw, self._files.puts_whole
        # Others put files there and take them away, so nothing that was listed before counts.
        raw.invalidate_cache()
        if not puts_whole and not raw.exists(hidden):
            return
        if raw.exists(final):
            # An attempt may have ended just after it had put it.
            if self._content(final) != document.body:
                raise FolderError(f"{document.name} is there already, with other content")
            if not puts_whole:
                raw.rm_file(hidden)
        elif puts_whole:
            self._files.write(final, document.body)
        else:
            self._files.rename(hidden, final)

    def _content(self, path: str) -> bytes:
        with self._files.opened(path) as file:
            return bytes(file.read())


async def put(
    open_folder: Callable[[], OutFolder],
    document: FileDocument,
    delivery_id: str,
    *,
    staged: bool,
    note_staged: Callable[[], Awaitable[None]],
) -> str:
    """Write a document and give its name; `staged` says that an earlier attempt noted the hidden file.

    Raises:
        FolderError: it could not be written, or another document has its name.
    """
    folder = await _on_thread(open_folder)
    try:
        if not staged:
            await _on_thread(lambda: folder.stage(delivery_id, document.body))
            await note_staged()
        await _on_thread(lambda: folder.publish(delivery_id, document))
    finally:
        folder.close()
    return document.name


async def _on_thread(do: Callable[[], Result]) -> Result:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            return await asyncio.to_thread(do)
    except TimeoutError:
        raise FolderError(f"the folder did not answer within {_TIMEOUT_SECONDS:g} s") from None
