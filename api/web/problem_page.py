"""Problems as people see them: a page, or for an action of a page a notice that leaves everything else as it is."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access import is_for_machines, sign_in_url
from api.problems import Problem
from api.web.render import page, templates

_AGAIN_SECONDS = 2


def answer_problem(request: Request, problem: Problem) -> Response:
    """Give the problem as who asks can read it."""
    if _wants_html(request):
        return _html(request, problem)
    return problem.response(request.scope.get("correlation_id", ""))


def _wants_html(request: Request) -> bool:
    if is_for_machines(request.url.path):
        return False
    return "hx-request" in request.headers or "text/html" in request.headers.get("accept", "")


def _html(request: Request, problem: Problem) -> Response:
    if problem.status_code == 401 and "authorization" not in request.headers:  # noqa: PLR2004 # Nobody is signed in.
        return _to_sign_in(request, problem)
    given = {"problem": problem, "correlation": request.scope.get("correlation_id", "")}
    if "hx-request" in request.headers:
        text = templates.get_template("problem_notice.html").render(given)
        return Response(text, problem.status_code, headers=dict(problem.headers or {}), media_type="text/html")
    # What is only not ready yet is asked for again by the page itself.
    again = _AGAIN_SECONDS if problem.status_code == 503 else 0  # noqa: PLR2004 # Not possible at the moment.
    answer = page(request, "problem.html", status=problem.status_code, again_seconds=again, **given)
    answer.headers.update(problem.headers or {})
    return answer


def _to_sign_in(request: Request, problem: Problem) -> Response:
    if "hx-request" in request.headers:
        # A fragment cannot become another page, so the browser is told to load one, and to come back to this.
        shown = urlsplit(request.headers.get("hx-current-url", "/"))
        return Response(status_code=problem.status_code, headers={"HX-Redirect": sign_in_url(shown.path or "/")})
    is_page = request.method == "GET"
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return RedirectResponse(sign_in_url(address if is_page else "/"), 303)
