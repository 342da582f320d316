"""Problems as people see them: a page, or for an action of a page a notice that leaves everything else as it is."""

from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem
from api.web.render import page, templates

_API = ("/v1/", "/health/", "/metrics", "/openapi.json", "/static/")
_AGAIN_SECONDS = 2


def answer_problem(request: Request, problem: Problem) -> Response:
    """Give the problem as who asks can read it."""
    if _wants_html(request):
        return _html(request, problem)
    return problem.response(request.scope.get("correlation_id", ""))


def _wants_html(request: Request) -> bool:
    if request.url.path.startswith(_API):
        return False
    return "hx-request" in request.headers or "text/html" in request.headers.get("accept", "")


def _html(request: Request, problem: Problem) -> Response:
    given = {"problem": problem, "correlation": request.scope.get("correlation_id", "")}
    if "hx-request" in request.headers:
        text = templates.get_template("problem_notice.html").render(given)
        return Response(text, problem.status_code, headers=dict(problem.headers or {}), media_type="text/html")
    # What is only not ready yet is asked for again by the page itself.
    again = _AGAIN_SECONDS if problem.status_code == 503 else 0  # noqa: PLR2004 # Not possible at the moment.
    answer = page(request, "problem.html", status=problem.status_code, again_seconds=again, **given)
    answer.headers.update(problem.headers or {})
    return answer
