"""Errors as RFC 9457 problem documents. Every refusal of the core has its status here, and nowhere else."""

from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from models.rejections import RejectionCode as Code

MEDIA_TYPE = "application/problem+json"

# 404: what the path names is not there. 409: the present state forbids it. 422: the content cannot be right.
STATUS_OF_REJECTION: Mapping[Code, int] = {
    Code.POOL_UNKNOWN: 404,
    Code.COMMAND_CONFLICT: 409,
    Code.COMMAND_TOO_OLD: 409,
    Code.SKU_INVALID: 422,
    Code.SKU_UNKNOWN: 422,
    Code.LOCATION_UNKNOWN: 422,
    Code.CURRENCY_MISMATCH: 422,
    Code.CURRENCY_FIXED: 409,
    Code.POLICY_VERSION: 409,
    Code.MODEL_VERSION: 409,
    Code.TIME_ZONE_UNKNOWN: 422,
    Code.ORDER_UNKNOWN: 404,
    Code.ORDER_CLOSED: 409,
    Code.ROW_CONFLICT: 409,
    Code.ORDER_CONFLICT: 409,
    Code.EDITION_CONFLICT: 409,
    Code.LINE_REPEATED: 422,
    Code.LINE_UNKNOWN: 422,
    Code.AMOUNT_INVALID: 422,
    Code.FULFILLMENT_UNKNOWN: 404,
    Code.PARCEL_UNKNOWN: 404,
    Code.PARCEL_CONFLICT: 409,
    Code.ORDER_HELD: 409,
    Code.HOLD_PRESENT: 409,
    Code.HOLD_ABSENT: 409,
    Code.HOLD_IN_PAST: 422,
    Code.STATUS_FORBIDS: 409,
    Code.TOO_MANY_UNITS: 409,
    Code.UNITS_PICKED: 409,
    Code.DOCUMENT_CONFLICT: 409,
    Code.TRANSFER_UNKNOWN: 404,
    Code.COUNT_STALE: 409,
    Code.COUNT_CONFLICT: 409,
    Code.BACKORDER_LIMIT: 409,
    Code.NOTHING_REQUESTED: 409,
    Code.NOT_TOGETHER: 409,
    Code.STOCK_TOO_LOW: 409,
    Code.COMMAND_INVALID: 422,
}

_TITLES = {
    400: "The request cannot be read",
    401: "Who is asking is not known",
    403: "The key does not allow this",
    404: "Not found",
    405: "The method is not allowed here",
    409: "The present state does not allow this",
    413: "The body is too large",
    415: "The content type is not supported",
    422: "The content cannot be accepted",
    500: "A fault on our side",
    503: "Not possible at the moment",
}


class Problem(HTTPException):
    """An answer that is an error. `detail` says what to do; `field` names what is at fault in the body."""

    def __init__(
        self, status: int, code: str, detail: str, *, field: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.field = field

    def response(self, instance: str = "") -> Response:
        """Give the document."""
        return problem_response(self, instance)


def problem_response(problem: Problem, instance: str = "") -> Response:
    """Give the document of a problem; `instance` is the correlation id that the log knows it by."""
    document = {
        "type": f"urn:headrace:problem:{problem.code}",
        "title": _TITLES.get(problem.status_code, "Error"),
        "status": problem.status_code,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.field:
        document["field"] = problem.field
    if instance:
        document["instance"] = instance
    return Response(
        msgspec.json.encode(document), problem.status_code, headers=dict(problem.headers or {}), media_type=MEDIA_TYPE
    )


def status_of(code: str) -> int:
    """Give the status of a refusal; a code of a newer core that we do not know yet is a conflict."""
    try:
        return STATUS_OF_REJECTION[Code(code)]
    except (ValueError, KeyError):
        return 409
