"""What the documents name is there: links, commands with their options, settings, metrics, and a runbook an alert."""

import asyncio
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from typer.core import TyperGroup

import streams.archive.metrics  # noqa: F401 # What it counts enters Prometheus's own registry.
from api.services import Services
from api.settings import ApiSettings
from cli.main import COMMANDS, build
from streams import metrics as worker_metrics
from streams.settings import WorkerSettings
from tests.support.documents import ROOT, anchors_of, code_of, documents, links_of

DOCS = ROOT / "docs"
RUNBOOKS = sorted(path for path in (DOCS / "runbooks").glob("*.md") if path.name != "README.md")
SECTIONS = ["See it", "Do", "Over when"]
# Prometheus's own, and those of the exporter that every machine has.
OF_OTHERS = {"up", "node_filesystem_avail_bytes", "node_filesystem_size_bytes"}
METRIC = re.compile(r"\b(?:headrace_[a-z_]*[a-z]|node_[a-z_]+|up)\b(?=[^a-z_\"]|$)")
VARIABLE = re.compile(r"\bHEADRACE_[A-Z_]*[A-Z]\b")
WORD = re.compile(r"""[^\s|;&<>()"'`]+|[|;&<>]""")
ENDS_A_COMMAND = {"|", ";", ">", "<", "#", "&"}
every_document = pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())


@cache
def command_of(name: str) -> Any:
    """Typer brings its own Click, whose types are not public."""
    group: Any = build()
    return group.resolve_command(typer.Context(group), [name])[1]


def calls_in(path: Path) -> Iterator[list[str]]:
    """What is called of `headrace` in the code of a document: a list of words for each call."""
    for line in code_of(path):
        words = WORD.findall(line)
        for place, word in enumerate(words[:-1]):
            if word == "headrace" or word.endswith("/headrace"):
                rest = words[place + 1 :]
                ends = (number for number, part in enumerate(rest) if part in ENDS_A_COMMAND)
                yield rest[: next(ends, len(rest))]


def wrong_of(call: list[str]) -> str | None:
    """What a call names that is not there."""
    if not call or not re.fullmatch(r"[a-z][a-z-]*", call[0]):
        return None
    if call[0] not in COMMANDS:
        return call[0]
    command = command_of(call[0])
    if isinstance(command, TyperGroup) and len(call) > 1 and not call[1].startswith("-"):
        if call[1] not in command.commands:
            return f"{call[0]} {call[1]}"
        command = command.commands[call[1]]
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    named = (word.partition("=")[0].rstrip(":,.") for word in call if re.match(r"--[a-z]", word))
    unknown = [option for option in named if option not in known]
    return f"{call[0]} {unknown[0]}" if unknown else None


def known_variables() -> set[str]:
    """Fields of settings, and whatever the sources name."""
    fields = {f"HEADRACE_{name.upper()}" for one in (ApiSettings, WorkerSettings) for name in one.model_fields}
    sources = [*ROOT.glob("[a-z]*/**/*.py"), *ROOT.glob("scripts/*"), ROOT / ".ci" / "run", ROOT / "Makefile"]
    texts = (path.read_text() for path in sources if path.is_file() and path != Path(__file__))
    return fields.union(*(VARIABLE.findall(text) for text in texts))


def names_of(registry: CollectorRegistry) -> set[str]:
    return set(registry._names_to_collectors)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every name that worker, API and archive serve."""
    # Made, and not started: nothing is asked of a broker.
    services = Services(ApiSettings(data_dir=tmp_path_factory.mktemp("data"), broker="127.0.0.1:1"))
    served = names_of(services.metrics.registry)
    asyncio.run(services.stop())
    worker = {line.split()[2] for line in worker_metrics._prometheus([]) if line.startswith("# TYPE")}
    return worker | served | names_of(REGISTRY)


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DOCS / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@every_document
def test_every_link_leads_somewhere(path: Path) -> None:
    lost = []
    for link in links_of(path):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)

    assert lost == []


@every_document
def test_every_command_and_option_is_there(path: Path) -> None:
    assert [wrong for call in calls_in(path) if (wrong := wrong_of(call)) is not None] == []


def test_every_variable_is_there() -> None:
    known = known_variables()
    named = {(path.name, name) for path in documents() for name in VARIABLE.findall(path.read_text())}

    assert {place for place in named if place[1] not in known} == set()


def test_every_metric_of_the_documents_is_there(metrics: set[str]) -> None:
    named = {
        (path.name, name)
        for path in documents()
        for line in code_of(path)
        for name in re.findall(r"\bheadrace_[a-z_]*[a-z]\b(?![\\(*])", line)
    }

    assert {place for place in named if place[1] not in metrics | {"headrace_session"}} == set()


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_every_alert_is_on_metrics_that_are_there(rule: dict[str, Any], metrics: set[str]) -> None:
    named = set(METRIC.findall(re.sub(r'"[^"]*"', '""', rule["expr"])))

    assert named
    assert named - OF_OTHERS - metrics == set()
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert (DOCS / rule["annotations"]["runbook"]).exists()


def test_the_index_of_runbooks_names_each_with_its_alerts() -> None:
    index = (DOCS / "runbooks" / "README.md").read_text()
    told = {
        (link, name)
        for line in index.splitlines()
        for link in re.findall(r"\]\((\S+\.md)\)", line)
        for name in re.findall(r"`(Headrace\w+)`", line)
    }

    assert {link for link, _ in told} <= {path.name for path in RUNBOOKS}
    assert [path.name for path in RUNBOOKS if f"({path.name})" not in index] == []
    assert told == {(Path(rule["annotations"]["runbook"]).name, rule["alert"]) for rule in alerts()}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_says_what_how_to_see_what_to_do_and_when_it_is_over(path: Path) -> None:
    text = path.read_text()

    assert "**What it means.**" in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
