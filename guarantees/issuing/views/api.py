"""How an orderer's system asks for a certificate: a token of its own in the head, number and key in the body."""

import base64
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts.middleware import client_ip
from accounts.permissions import public
from accounts.requests import ActorRequest
from guarantees.issuing.services import correspondents, entering, viewing

LARGEST_QUESTION = 4096  # バイト
UNKNOWN = "接続用の合言葉が違います。保証機関にご確認ください。"
UNREADABLE = "番号と認証キーを、JSON の number と key に書いてください。"


@csrf_exempt
@public
@require_POST
@sensitive_variables("question")
def issuing_api(request: ActorRequest) -> HttpResponse:
    """Answer 200 with what came of it: {"answer": "shown", "standing", "pdf"} or {"answer", "reason"}.

    A wrong key is an answer, so that its count is kept; 401 for an unknown token, 400 for an unreadable question.
    """
    orderer = correspondents.by_token(_token(request))
    if orderer is None:
        return _said({"reason": UNKNOWN}, status=401)
    question = _question(request)
    if question is None:
        return _said({"reason": UNREADABLE}, status=400)
    actor = entering.visitor(orderer, ip=client_ip(request), user_agent=request.META.get("HTTP_USER_AGENT", "")[:300])
    answer = viewing.view(orderer, actor=actor, at=timezone.now(), number=question["number"], key=question["key"])
    if answer.certificate is None:
        return _said({"answer": answer.outcome, "reason": answer.words})
    pdf = base64.b64encode(viewing.pdf_of(answer.certificate)).decode()
    return _said({"answer": answer.outcome, "standing": answer.certificate.state, "pdf": pdf})


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme == "Bearer" else ""


def _question(request: HttpRequest) -> dict[str, str] | None:
    try:
        said = json.loads(request.body) if len(request.body) <= LARGEST_QUESTION else None
    except ValueError:
        return None
    fits = isinstance(said, dict) and all(isinstance(said.get(name), str) for name in ("number", "key"))
    return said if fits else None


def _said(values: dict[str, Any], *, status: int = 200) -> JsonResponse:
    response = JsonResponse(values, status=status, json_dumps_params={"ensure_ascii": False})
    add_never_cache_headers(response)
    return response
