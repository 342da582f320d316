"""The tree stays readable: short files and functions, no leftovers, complete documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "models",
    "connectors",
    "streams",
    "pipelines",
    "dagster_project",
    "api",
    "cli",
    "tests",
    "benchmarks",
    "scripts",
]
MAY_PRINT = ("cli", "benchmarks", "scripts")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 70
# Put together here, so that this file does not find itself.
NOTES = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
LEFTOVER = re.compile(rf"\b({'|'.join(NOTES)})\b")
SETTINGS_FILES = [path for package in PACKAGES for path in sorted((ROOT / package).glob("settings.py"))]


def python_files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls_of_print(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno


def settings_variables(path: Path) -> Iterator[str]:
    """The environment variable of each field of the settings classes in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ClassDef) or not node.name.endswith("Settings"):
            continue
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=field)) if field != "model_config":
                    yield f"HEADRACE_{field.upper()}"


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_files()}

    assert {name: lines for name, lines in lengths.items() if lines >= MAX_FILE_LINES} == {}


def test_functions_fit_a_screen() -> None:
    lengths = {
        f"{name_of(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}


def test_only_what_a_person_starts_prints() -> None:
    prints = [
        f"{name_of(path)}:{line}"
        for path in python_files()
        if path.relative_to(ROOT).parts[0] not in MAY_PRINT
        for line in calls_of_print(path)
    ]

    assert prints == []


def test_no_leftover_notes() -> None:
    notes = [
        f"{name_of(path)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if LEFTOVER.search(line)
    ]

    assert notes == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    pages = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")

    assert [page for page in pages if f"({page})" not in index] == []


def test_every_decision_of_the_index_exists() -> None:
    folder = ROOT / "docs" / "decisions"
    linked = re.findall(r"\]\(([^)]+\.md)\)", (folder / "README.md").read_text())

    assert [page for page in linked if not (folder / page).exists()] == []


@pytest.mark.parametrize("path", SETTINGS_FILES, ids=name_of)
def test_every_setting_is_in_the_readme(path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    missing = [variable for variable in settings_variables(path) if variable not in readme]

    assert missing == []


def test_every_script_says_what_it_does() -> None:
    silent = [
        name_of(path)
        for path in [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]
        if path.is_file() and not path.read_text().splitlines()[1].startswith(("# ", '"""'))
    ]

    assert silent == []
