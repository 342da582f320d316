"""Page Mails: which templates are in force, who put them there, and each mail as a customer would get it."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.context import PoolId, Use
from api.customers.example import LINK, NAME, example_of
from api.customers.letters import write
from api.customers.wording.wording import path_of
from api.route import router
from api.security import Scope, needs
from api.web.render import page
from models.records.mail import CustomerMail

routes = router(tag="pages", prefix="/p/{pool}/mails")
_VERSIONS_SHOWN = 50


@routes.get("", include_in_schema=False)
@needs(Scope.CONNECTIONS_WRITE)
async def mails_page(
    request: Request,
    pool: PoolId,
    services: Use,
    *,
    mail: Annotated[str, Query(max_length=40)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """What is in force, and one mail of it with a made-up order."""
    now_ms = services.now_ms()
    wording = services.wordings.at(pool, now_ms)
    known = [one.value for one in CustomerMail]
    chosen = CustomerMail(mail if mail in known else CustomerMail.TAKEN)
    picture, news = example_of(chosen)
    spoken = wording.language_of(chosen, language, services.settings.mail_language)
    return page(
        request,
        "connections/mails.html",
        mails=known,
        chosen=chosen.value,
        languages=wording.languages,
        spoken=spoken,
        path=path_of(spoken.name, chosen),
        written=write(chosen, picture, news, spoken, name=NAME, link=LINK, wording=wording),
        version=wording.version,
        versions=services.mail_templates.versions(pool, _VERSIONS_SHOWN),
        files=sorted(services.mail_templates.files(pool, wording.version)),
    )
