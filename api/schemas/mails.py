"""Bodies of mail templates, and what is answered of them."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.customers.wording.checking import FILE_CHARACTERS_MAX, FILES_MAX
from api.schemas.base import Body, Reasoned
from api.schemas.out import Out
from models.records.mail import CustomerMail

_Path = Annotated[str, Field(min_length=1, max_length=80)]
_Text = Annotated[str, Field(max_length=FILE_CHARACTERS_MAX)]
_Files = Annotated[
    dict[_Path, _Text],
    Field(max_length=FILES_MAX, description="By path, such as de/shipped.txt; empty: those that come with Headrace"),
]
_SHIPPED = "Order {{ number }} has left\n\nIt is on its way to you{% if day %} and with you by {{ day }}{% endif %}.\n"


class MailTemplatesIn(Reasoned):
    """A merchant's own templates, all of them; a mail or a language that is not among them is written as before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": {"en/shipped.txt": _SHIPPED}, "reason": "our own words"}]}
    )

    files: _Files


class MailPreviewIn(Body):
    """A mail to write with a made-up order: by these files, or without them by those in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mail": "shipped", "language": "de-AT"}]})

    mail: Annotated[str, Field(json_schema_extra={"enum": [one.value for one in CustomerMail]}, max_length=40)]
    language: Annotated[str, Field(max_length=35, description="A locale; empty: HEADRACE_MAIL_LANGUAGE")] = ""
    files: _Files | None = None


class MailVersionOut(Out):
    """A set of templates that was put into force."""

    version: int
    at: str
    actor: str
    reason: str
    files: int = Field(description="How many; 0: those that come with Headrace")


class MailTemplatesOut(Out):
    """What is in force: version 0 and no files where it comes with Headrace."""

    version: int
    files: dict[str, str]
    versions: list[MailVersionOut] = Field(description="The newest first")


class PutMailTemplatesOut(Out):
    """The version that is in force now."""

    version: int
    changed: bool


class MailPreviewOut(Out):
    """A mail as a customer would get it."""

    subject: str
    text: str
    html: str
    language: str
    written_by: str
