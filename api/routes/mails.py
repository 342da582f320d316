"""Templates of mails to customers: a merchant's own, each set under a version, and what mails look like by them."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from api.answers import answer
from api.context import PoolId, Use, Who
from api.customers.example import LINK, NAME, example_of
from api.customers.letters import write
from api.customers.wording.checking import faults_of
from api.customers.wording.wording import Wording
from api.present import iso
from api.problems import Problem
from api.route import router
from api.schemas import mails as schemas
from api.schemas import responses
from api.security import Scope, needs
from models.records.mail import CustomerMail

routes = router(tag="mails", prefix="/v1/pools/{pool}/mails")
_VERSIONS_SHOWN = 50
_FAULTS_SHOWN = 5


@routes.get("/templates", response_model=schemas.MailTemplatesOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def read_mail_templates(pool: PoolId, services: Use) -> Response:
    """The templates in force, and who put which into force when."""
    kept = services.mail_templates
    version = kept.version_at(pool, services.now_ms())
    versions = [one._asdict() | {"at": iso(one.at_ms)} for one in kept.versions(pool, _VERSIONS_SHOWN)]
    return answer({"version": version, "files": kept.files(pool, version), "versions": versions})


@routes.put("/templates", response_model=schemas.PutMailTemplatesOut, responses=responses.WRITES)
@needs(Scope.CONNECTIONS_WRITE)
async def put_mail_templates(pool: PoolId, body: schemas.MailTemplatesIn, services: Use, who: Who) -> Response:
    """Put templates into force for what happens from now on; the same again, or wrong ones, change nothing."""
    if services.set_ups.of(pool) is None:
        raise Problem(404, "pool_unknown", f"There is no pool {pool}: PUT /v1/pools/{pool} makes one.")
    await _check(body.files)
    version, changed = await services.in_control(
        lambda: services.mail_templates.put(
            pool, body.files, actor=who.actor, reason=body.reason, now_ms=services.now_ms()
        )
    )
    return answer({"version": version, "changed": changed})


@routes.post("/preview", response_model=schemas.MailPreviewOut, responses=responses.READS)
@needs(Scope.CONNECTIONS_WRITE)
async def preview_mail(pool: PoolId, body: schemas.MailPreviewIn, services: Use) -> Response:
    """A mail with a made-up order; nothing is sent, and nothing is put into force."""
    if body.mail not in {one.value for one in CustomerMail}:
        known = ", ".join(one.value for one in CustomerMail)
        raise Problem(422, "mail_unknown", f"There is no mail {body.mail}: known are {known}.", field="mail")
    if body.files is None:
        wording = services.wordings.at(pool, services.now_ms())
    else:
        await _check(body.files)
        wording = Wording(body.files)
    mail, (picture, news) = CustomerMail(body.mail), example_of(CustomerMail(body.mail))
    language = wording.language_of(mail, body.language, services.settings.mail_language)
    written = write(mail, picture, news, language, name=NAME, link=LINK, wording=wording)
    shown = {"subject": written.subject, "text": written.text, "html": written.html, "written_by": written.by}
    return answer(shown | {"language": language.tag})


async def _check(files: Mapping[str, str]) -> None:
    faults = await asyncio.to_thread(faults_of, files)
    if faults:
        more = f" There are {len(faults) - _FAULTS_SHOWN} more." if len(faults) > _FAULTS_SHOWN else ""
        told = "; ".join(str(fault) for fault in faults[:_FAULTS_SHOWN])
        raise Problem(422, "templates_invalid", f"{told}.{more}", field="files")
