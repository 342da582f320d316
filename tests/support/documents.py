"""The documents of the tree: their code blocks and links, and a shell that runs what they show as a reader would."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^(```+).*?^\1[ \t]*$|`[^`\n]+`|^(?: {4}|\t)[^\n]*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_ANYTHING = "..."
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 90.0


class Block(NamedTuple):
    """A block of code: where it begins, the words behind its fence, and its lines."""

    path: Path
    line: int
    info: tuple[str, ...]
    text: str

    @property
    def place(self) -> str:
        """Name it as an editor does."""
        return f"{self.path.relative_to(ROOT)}:{self.line}"


class Step(NamedTuple):
    """What a reader runs, and what the document says comes out."""

    block: Block
    wanted: str | None

    @property
    def stays(self) -> bool:
        """Tell whether it goes on running meanwhile."""
        return "stays" in self.block.info

    @property
    def is_looked_at_again(self) -> bool:
        """Tell whether it only looks, at what may come a moment later."""
        return "until" in self.block.info


def documents() -> list[Path]:
    """All documents, but those of tools and of what is installed."""
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") or part in {"node_modules", "var"} for part in path.relative_to(ROOT).parts)
    )


def blocks_of(path: Path) -> list[Block]:
    """Give all fenced blocks in their order."""
    text = path.read_text()
    return [
        Block(path, text.count("\n", 0, found.start()) + 1, tuple(found["info"].split()), found["text"])
        for found in _FENCE.finditer(text)
    ]


def steps_of(path: Path) -> list[Step]:
    """Give the blocks marked `sh run` with the `text output` that follows at once, where one does."""
    blocks = blocks_of(path)
    followers: list[Block | None] = [*blocks, None][1:]
    return [
        Step(block, follower.text if follower is not None and _is_output(follower) else None)
        for block, follower in zip(blocks, followers, strict=True)
        if block.info[:2] == ("sh", "run")
    ]


def links_of(path: Path) -> Iterator[str]:
    """Give the targets of all links outside code."""
    yield from _LINK.findall(_CODE.sub("", path.read_text()))


def code_of(path: Path) -> Iterator[str]:
    """Give all lines of code, in blocks and within sentences; a line that is continued is one."""
    for found in _CODE.finditer(path.read_text()):
        text = found[0].strip("`") if found[1] is None else _FENCE.sub(r"\g<text>", found[0])
        yield from (line.strip() for line in text.replace("\\\n", " ").splitlines())


def anchors_of(path: Path) -> set[str]:
    """Give what a link into the document may name behind the #."""
    headings = _HEADING.findall(re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE))
    words = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return set(words)


def comes_out(wanted: str, given: str) -> bool:
    """Tell whether an output is the one that is shown: `...` is anything, on a line of its own any number of lines."""
    lines = [
        "(?:.*\\n)*?" if line.strip() == _ANYTHING else ".*".join(map(re.escape, line.split(_ANYTHING))) + "\\n"
        for line in wanted.strip().splitlines()
    ]
    return re.fullmatch("".join(lines), given.strip() + "\n") is not None


class Shell:
    """One bash for a document, so that a later block knows the variables of an earlier one."""

    def __init__(self, folder: Path, environment: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = dict(environment)
        self._addresses = addresses
        self._said = folder / ".said"
        self._said.mkdir()
        self._count = 0
        self._bash = self._start(["bash", "-euo", "pipefail"])
        self._staying: list[subprocess.Popen[str]] = []

    def run(self, step: Step) -> None:
        """Run a block, and compare what it prints with what the document says."""
        text, wanted = self._here(step.block.text), self._here(step.wanted or _ANYTHING)
        if step.stays:
            self._begin(step, text, wanted)
            return
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            said = self._said_by(step, f"(\n{text}\n) || true" if step.is_looked_at_again else f"{{\n{text}\n}}")
            if step.wanted is None or comes_out(wanted, said):
                return
            if not step.is_looked_at_again or time.monotonic() > deadline:
                raise AssertionError(f"{step.block.place} prints otherwise than shown:\n{said}")

    def said(self) -> str:
        """Give all that was printed."""
        return "".join(path.read_text() for path in sorted(self._said.iterdir()))

    def close(self) -> None:
        """End it, and what it left running."""
        for process in [*reversed(self._staying), self._bash]:
            process.terminate()
            process.communicate()

    def _begin(self, step: Step, text: str, wanted: str) -> None:
        """Leave it running once it has said what is shown; by then it may have said more."""
        output = self._next()
        with output.open("w") as written:
            self._staying.append(self._start(["bash", "-c", f"exec {text}"], written))
        self._until(lambda: comes_out(f"{wanted.strip()}\n{_ANYTHING}", output.read_text()), step, output)

    def _said_by(self, step: Step, text: str) -> str:
        output = self._next()
        done = output.with_suffix(".done")
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{{ {text}\n}} >'{output}' 2>&1 </dev/null\n: >'{done}'\n")
        self._bash.stdin.flush()
        self._until(done.exists, step, output)
        return output.read_text()

    def _next(self) -> Path:
        self._count += 1
        return self._said / str(self._count)

    def _start(self, command: list[str], output: IO[str] | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def _until(self, is_so: Callable[[], bool], step: Step, output: Path) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        process = self._staying[-1] if step.stays else self._bash
        while not is_so():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{step.block.place} does not come to its end:\n{output.read_text()}")
            time.sleep(_POLL_SECONDS)

    def _here(self, text: str) -> str:
        """What a reader's machine has at its usual addresses is elsewhere here."""
        for usual, here in self._addresses.items():
            text = text.replace(usual, here)
        return text


def _is_output(block: Block) -> bool:
    return block.info[:2] == ("text", "output")
