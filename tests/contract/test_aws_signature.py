"""Our Signature Version 4 is Amazon's own: the same header as botocore's for the same request at the same time."""

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.exchange.outbox.transports.aws_signature import Signer, signed
from connectors.frame.http import HttpRequest

AT = datetime(2026, 11, 24, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("token", ["", "a session's token/+="])
@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.eu-central-1.amazonaws.com/",
        "http://127.0.0.1:5001/",
        "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com/",
    ],
)
@pytest.mark.parametrize("body", [b"{}", '{"MessageBody": "Größe ✓"}'.encode()])
def test_a_request_is_signed_as_by_botocore(monkeypatch: pytest.MonkeyPatch, url: str, token: str, body: bytes) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage"}
    signer = Signer("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, "eu-central-1", "sqs")
    ours = signed(HttpRequest(method="POST", url=url, headers=headers, body=body), signer, AT)

    theirs = AWSRequest(method="POST", url=url, headers=dict(headers), data=body)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: AT.replace(tzinfo=None))
    SigV4Auth(Credentials(signer.key_id, signer.key, token or None), "sqs", "eu-central-1").add_auth(theirs)

    assert ours.headers["authorization"] == theirs.headers["Authorization"]
    assert ours.headers["x-amz-date"] == theirs.headers["X-Amz-Date"]
    assert ours.headers.get("x-amz-security-token") == theirs.headers.get("X-Amz-Security-Token")
