"""What vendors publish of the requests that they take, and what is wrong with a request of ours.

Each file of tests/contract/schemas is a description of our own of the part that we use: paths, queries and bodies, with
every field that is not named there forbidden. It says from where its facts are.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.error import GraphQLError, GraphQLSyntaxError
from graphql.execution.values import get_variable_values
from jsonschema import Draft202012Validator

from connectors.frame.http import HttpRequest

SCHEMAS = Path(__file__).parents[1] / "contract" / "schemas"
_PLACE = re.compile(r"\{([a-zA-Z_]+)\}")
_LONGEST = 300
_NUMBERED = re.compile(r"\[\d+\]")


class Operation(NamedTuple):
    """Something that a vendor can be asked."""

    name: str
    method: str
    path: re.Pattern[str]
    described: dict[str, Any]


class VendorSchema:
    """What a vendor can be asked, and what is wrong with a request to it."""

    def __init__(self, file: Path) -> None:
        self.described: dict[str, Any] = yaml.safe_load(file.read_text())
        self.hosts = tuple(self.described.get("hosts", ()))
        self.under = self.described.get("under", "")
        self.operations = [_operation(name, given) for name, given in self.described["operations"].items()]

    def takes(self, url: str) -> bool:
        """Tell whether an address is one of this vendor's."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self.under:
            return parts.scheme == "https" and self.under in parts.path
        return any(host == one or (one.startswith(".") and host.endswith(one)) for one in self.hosts)

    def faults(self, request: HttpRequest) -> list[str]:
        """Give what is wrong with a request; nothing where the vendor takes it."""
        parts = urlsplit(request.url)
        path = parts.path[parts.path.index(self.under) :] if self.under else parts.path
        for operation in self.operations:
            match = operation.path.fullmatch(path)
            if match is not None and operation.method == request.method:
                return list(self._faults(operation, match.groupdict(), parts.query, request))
        return [f"{request.method} {path} is no operation of {self.described['vendor']}"]

    def _faults(self, operation: Operation, places: dict[str, str], query: str, request: HttpRequest) -> Iterator[str]:
        described = operation.described
        for name, schema in described.get("path", {}).items():
            yield from self._wrong(_read(unquote(places[name]), self._resolved(schema)), schema, f"path {name}")
        yield from self._wrong_query(described, query)
        if "body" not in described:
            if request.body:
                yield f"{operation.name} takes no body"
            return
        if not request.headers.get("content-type", "").startswith("application/json"):
            yield f"{operation.name} takes a body of application/json"
        content = json.loads(request.body)
        yield from self._wrong(content, described["body"], "body")
        if "graphql" in described:
            yield from self._wrong_graphql(described, content)

    def _wrong_query(self, described: dict[str, Any], query: str) -> Iterator[str]:
        declared = described.get("query", {})
        given = [(_NUMBERED.sub("[]", name), text) for name, text in parse_qsl(query, keep_blank_values=True)]
        for name in described.get("required_query", ()):
            if name not in dict(given):
                yield f"query lacks {name}"
        for name, text in given:
            if name not in declared:
                yield f"query has {name}, which is not known"
                continue
            yield from self._wrong(_read(text, self._resolved(declared[name])), declared[name], f"query {name}")

    def _wrong_graphql(self, described: dict[str, Any], content: dict[str, Any]) -> Iterator[str]:
        schema = _graphql_schema(described["graphql"])
        try:
            document = parse(content["query"])
        except GraphQLSyntaxError as error:
            yield f"graphql: {error.message}"
            return
        wrong = validate(schema, document)
        if wrong:
            yield from (f"graphql: {error.message}" for error in wrong)
            return
        (asked,) = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        coerced = get_variable_values(schema, asked.variable_definitions, content["variables"])
        if isinstance(coerced, list):
            yield from (f"graphql: {error.message}" for error in coerced if isinstance(error, GraphQLError))
            return
        declared = {one.variable.name.value for one in asked.variable_definitions}
        yield from (
            f"graphql: variable {name} is not declared" for name in content["variables"] if name not in declared
        )
        name = asked.name.value if asked.name is not None else ""
        if name not in described["variables"]:
            yield f"graphql: nothing is known of the limits of {name or 'an operation without a name'}"
            return
        yield from self._wrong(content["variables"], described["variables"][name], f"variables of {name}")

    def _wrong(self, value: object, schema: dict[str, Any], where: str) -> Iterator[str]:
        whole = schema | {"$defs": self.described.get("$defs", {})}
        for error in Draft202012Validator(whole).iter_errors(value):
            # A message begins with what is wrong, however long that is, and ends with why.
            said = error.message
            yield f"{where} {error.json_path}: {said if len(said) < _LONGEST else f'{said[:150]} ... {said[-150:]}'}"

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return self.described["$defs"][name] if name else schema


def _operation(name: str, described: dict[str, Any]) -> Operation:
    method, _, path = described["request"].partition(" ")
    parts = _PLACE.split(path)
    texts = [re.escape(part) if number % 2 == 0 else f"(?P<{part}>[^/]+)" for number, part in enumerate(parts)]
    return Operation(name, method, re.compile("".join(texts)), described)


def _read(text: str, schema: dict[str, Any]) -> object:
    """Read what stands in an address as what the vendor takes it for; what cannot be read stays text, and is wrong."""
    kind = schema.get("type")
    if kind == "array":
        return text.split(",")
    if kind == "integer" and re.fullmatch(r"-?\d+", text, re.ASCII):
        return int(text)
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


@cache
def _graphql_schema(name: str) -> GraphQLSchema:
    return build_schema((SCHEMAS / name).read_text())


@cache
def vendor_schemas() -> dict[str, VendorSchema]:
    """Give all that are described, by the name of the connector."""
    return {file.stem: VendorSchema(file) for file in sorted(SCHEMAS.glob("*.yaml"))}


def schema_of(url: str) -> VendorSchema | None:
    """Give the vendor whose address this is."""
    # A vendor's own hosts tell before paths do, which several vendors may have.
    by_host = sorted(vendor_schemas().values(), key=lambda schema: bool(schema.under))
    return next((schema for schema in by_host if schema.takes(url)), None)


def faults_of(request: HttpRequest) -> list[str]:
    """Give what is wrong with a request to a vendor; nothing for addresses of nobody's."""
    schema = schema_of(request.url)
    return [] if schema is None else schema.faults(request)
