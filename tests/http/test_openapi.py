"""The document is right: its examples run, and answers look as it says."""

from typing import Any, NamedTuple

from api.app import openapi_of
from api.schemas import (
    accounts,
    demo,
    listings,
    mails,
    out,
    out_availability,
    out_lists,
    out_orders,
    out_pools,
    out_queues,
    out_stock,
    webhooks,
)
from api.schemas.channels import ChannelsIn
from api.schemas.pools import LocationsIn
from api.security import Scope
from tests.support.event_stream import following
from tests.support.system import SKU, System, example, order_body, place


class Operation(NamedTuple):
    """One operation of the document with an example of its body."""

    method: str
    path: str
    example: Any


def operations(document: Any) -> list[Operation]:
    found = []
    for path, by_method in document["paths"].items():
        for method, operation in by_method.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            examples = document["components"]["schemas"][name]["examples"] if name else [None]
            found += [Operation(method.upper(), path, example) for example in examples]
    return found


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    return path


async def fresh_order(stocked: System, path: str, quantity: int = 1) -> dict[str, str]:
    """An order in the state in which the example of a path makes sense."""
    customer = {"customer_id": "c-771", "name": "A"}
    terms = {"collect_at": "berlin"} if path.endswith(("/ready", "/collect")) else None
    order = await place(stocked, path, quantity, customer=customer, terms=terms)
    fulfillment = order["fulfillments"][0]["fulfillment_id"]
    url = f"{stocked.path}/orders/{order['order_id']}"
    if "/parcels/" in path:
        answer = await stocked.client.post(f"{url}/fulfillments/{fulfillment}/ship", json={"parcel_id": "P-1"})
        assert answer.status_code == 200, answer.text
    if path.endswith(("/pack", "/ready")):
        await stocked.client.post(f"{url}/fulfillments/{fulfillment}/pick", json={})
    if path.endswith("/ready"):
        await stocked.client.post(f"{url}/fulfillments/{fulfillment}/pack", json={})
    if path.endswith("/answer-cancellation"):
        await stocked.client.post(f"{url}/fulfillments/{fulfillment}/accept", json={})
        asked = await stocked.client.post(f"{url}/cancel", json={})
        assert asked.json()["fulfillments"][0]["cancellation"]["status"] == "requested"
    if path.endswith("/release"):
        await stocked.client.post(f"{url}/hold", json={"hold": "fraud_review"})
    return {"order_id": order["order_id"], "fulfillment_id": fulfillment, "parcel_id": "P-1", "customer_id": "c-771"}


async def connection_names(stocked: System) -> dict[str, str]:
    """A webhook that was sent a test."""
    made = (await stocked.client.post(f"{stocked.path}/webhooks", json=example(webhooks.WebhookIn))).json()
    tested = (await stocked.client.post(f"{stocked.path}/webhooks/{made['webhook_id']}/test")).json()
    webhook = {"webhook_id": made["webhook_id"], "delivery_id": tested["delivery_id"]}
    return webhook | {"kind": "webhook", "name": made["webhook_id"], "step": "reset"}


async def prepare(stocked: System, operation: Operation, path: str) -> str:
    """Let there be what an example needs: a store, a partner, a supplier, a channel; give the path with its query."""
    [berlin, hamburg] = example(LocationsIn)["locations"]
    kind = "third_party" if path.endswith("/answer-cancellation") else "warehouse"
    supplier = hamburg | {"location_id": "supplier", "kind": "drop_shipper", "stock": "declared"}
    locations = [berlin | {"collection": True, "kind": kind}, hamburg, supplier]
    await stocked.client.put(f"{stocked.path}/locations", json={"locations": locations})
    if not path.endswith("/listings"):
        return path
    listed = example(listings.MapIn)
    await stocked.client.put(f"{stocked.path}/channels", json=example(ChannelsIn))
    await stocked.client.post(path, json=listed)
    return path if operation.example else f"{path}?channel={listed['channel']}&sku={listed['sku']}"


async def of_account(stocked: System, operation: Operation, url: str) -> Any:
    """Give the body about an account of a system that is there; one that is to be removed is set up before."""
    if operation.method == "DELETE":
        await stocked.client.put(url, json={"connector": "toy"})
        return operation.example
    return operation.example | ({"connector": "toy", "settings": {}} if operation.method == "PUT" else {})


async def of_parts(stocked: System, url: str, body: Any) -> tuple[str, Any]:
    """Give the address and the body of what joins parts or takes one apart; else as they are."""
    if url.endswith("/merge"):
        other = await fresh_order(stocked, "other")
        return url, {f"other_{name}": other[name] for name in ("order_id", "fulfillment_id")}
    if url.endswith("/move"):
        names = await fresh_order(stocked, "moved", quantity=2)
        one = [{"line_id": "1", "quantity": 1}]
        return filled(url, names), {"fulfillment_id": names["fulfillment_id"], "location_id": "berlin", "units": one}
    return url, body


async def test_every_example_of_the_document_runs(stocked: System) -> None:
    document = openapi_of(stocked.app)
    wrong = {}
    for operation in operations(document):
        # A webhook's body is the other system's own; test_hooks sends some.
        if operation.method == "GET" or operation.path.startswith("/v1/hooks/"):
            continue
        url = operation.path.replace("{pool}", stocked.pool)
        body = operation.example
        url = await prepare(stocked, operation, url)
        url, body = await of_parts(stocked, url, body)
        if "/accounts/" in url:
            url = url.replace("{account}", f"a-{stocked.pool}")
            body = await of_account(stocked, operation, url)
        if url.endswith("/stock/repair"):
            # A level that no other example changes.
            nothing = {"on_hand": 0, "allocated": 0, "unsellable": 0, "safety_stock": 0}
            body |= {"location_id": "supplier", "seen": nothing, "ledger": nothing}
        if "/dead-letters/" in url:
            continue
        names = await connection_names(stocked)
        # Each order takes a unit of the stock, so those that need none get none.
        if "_id}" in url and "/webhooks/" not in url:
            names |= await fresh_order(stocked, operation.path)
        url = filled(url, names)
        if url.endswith("/transfers/receive"):
            dispatch = next(other for other in operations(document) if other.path.endswith("/stock/transfers"))
            await stocked.client.post(url.removesuffix("/receive"), json=dispatch.example)
        answer = await stocked.client.request(operation.method, url, json=body)
        if answer.status_code not in (200, 201):
            wrong[operation.path] = answer.text
        else:
            await assert_documented(document, operation, answer.status_code, answer.json())

    assert wrong == {}


async def test_every_read_looks_as_documented(stocked: System) -> None:
    document = openapi_of(stocked.app)
    names = await fresh_order(stocked, "reads")
    history = (await stocked.client.get(f"{stocked.path}/orders/{names['order_id']}/history")).json()
    names |= {"pool": stocked.pool, "sku": SKU, "command_id": history["updates"][0]["command_id"], "name": "reads"}
    connection = await connection_names(stocked)
    await stocked.client.get(f"{stocked.path}/orders/export?name=reads")
    reads = [operation for operation in operations(document) if operation.method == "GET"]
    for operation in reads:
        url = operation.path
        if "/queues/" in url:
            url = url.replace("{name}", "waiting")
        if "/connections/" in url:
            url = url.replace("{name}", connection["name"])
        url = filled(url, connection | names)
        if url.endswith(("/events", "/export")) or url == "/metrics":
            continue
        params = {"sku": SKU} if url.endswith("/availability") else {}
        answer = await stocked.client.get(url, params=params)
        assert answer.status_code == 200, url
        await assert_documented(document, operation, 200, answer.json())

    assert len(reads) >= 15


async def assert_documented(document: Any, operation: Operation, status: int, content: Any) -> None:
    """Hold an answer against the model that the document names for it."""
    responses = document["paths"][operation.path][operation.method.lower()]["responses"]
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    # Of several models the one that the answer has the fields of.
    names = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema])]
    schemas = document["components"]["schemas"]
    name = next((one for one in names if set(schemas[one]["required"]) <= set(content)), names[0])
    model = next(
        getattr(module, name)
        for module in (
            accounts,
            listings,
            mails,
            out,
            out_availability,
            out_lists,
            out_orders,
            out_pools,
            out_queues,
            out_stock,
            demo,
            webhooks,
        )
        if hasattr(module, name)
    )
    model.model_validate(content)


async def test_problems_are_documented_and_look_like_it(stocked: System) -> None:
    document = openapi_of(stocked.app)
    answer = await stocked.client.post(f"{stocked.path}/orders", json={})
    documented = document["paths"]["/v1/pools/{pool}/orders"]["post"]["responses"]

    assert {"201", "202", "400", "401", "403", "404", "409", "413", "415", "422", "503"} <= set(documented)
    assert "application/problem+json" in documented["422"]["content"]
    out.ProblemOut.model_validate(answer.json())


async def test_the_document_is_for_those_with_a_key(stocked: System) -> None:
    answer = await stocked.client.get("/openapi.json")
    strange = await stocked.client.get("/openapi.json", headers={"Authorization": ""})

    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Headrace")
    assert strange.status_code == 401


async def test_an_event_looks_as_an_update_is_documented(stocked: System) -> None:
    async with following(stocked.app, f"{stocked.path}/events", stocked.key()) as refused:
        pass
    async with following(stocked.app, f"{stocked.path}/events", stocked.key(*Scope)) as stream:
        await stream.next()
        await stocked.client.post(f"{stocked.path}/orders", json=order_body())
        out.UpdateOut.model_validate((await stream.next()).data)

    assert (refused.status, stream.status) == (403, 200)
