"""The JSON schema of the plain webhook's messages, both ways, as it is published in docs/plain-webhook.schema.json."""

from typing import Any, get_args

import msgspec

from connectors.systems.plain.messages import Incoming
from connectors.systems.plain.telling import Outgoing


def schema() -> dict[str, Any]:
    """Give a schema with one definition a message, and `incoming` and `outgoing` that hold all of either way."""
    kinds = (*get_args(Incoming), *get_args(Outgoing))
    named, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    incoming = len(get_args(Incoming))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headrace plain webhook",
        "oneOf": [{"$ref": "#/$defs/incoming"}, {"$ref": "#/$defs/outgoing"}],
        "$defs": dict(sorted(components.items()))
        | {"incoming": {"oneOf": list(named[:incoming])}, "outgoing": {"oneOf": list(named[incoming:])}},
    }
