"""What has happened, in order: an excerpt of the journal without people's names, to be read on from a cursor."""

from datetime import datetime

from ninja import Query, Router, Schema
from pydantic import Field

from accounts.requests import ActorRequest
from audit.models import Event
from contracts.api import pages
from contracts.api.doors import Token
from contracts.api.pages import Asked
from contracts.api.reading import REFUSALS
from contracts.models import Scope

router = Router()


class EventOut(Schema):
    """One event of the journal: what happened to what, and when. Who did it is told to auditors alone."""

    seq: int = Field(description="市の中で一から一つずつ増える番号。抜けない", examples=[1024])
    at: datetime = Field(description="起きた日時")
    action: str = Field(description="出来事の符号", examples=["contract.concluded"])
    label: str = Field(description="出来事の呼び名", examples=["検証のうえ締結を確定"])
    subject: str = Field(description="何について（種類:番号）", examples=["version:55"])
    thread: str = Field(description="どの案件の中か（case:番号）", examples=["case:42"])
    hash: str = Field(description="操作記録の鎖のハッシュ", examples=["3b1f…"])


class Events(Schema):
    """A stretch of the journal."""

    items: list[EventOut] = Field(description="出来事。起きた順")
    next_cursor: str = Field(description="次に尋ねる cursor。終わりでも書かれる", examples=["ZXZlbnRz…"])
    has_more: bool = Field(description="続きがいまあるか")


@router.get(
    "/events",
    auth=Token(Scope.EVENTS_READ),
    response={200: Events} | REFUSALS,
    summary="起きたことを順に読む",
    tags=["出来事"],
    operation_id="list_events",
)
def api_events(request: ActorRequest, asked: Query[Asked]) -> Events:
    """操作記録の抜粋を、起きた順に答えます。番号は抜けず、取りこぼしがありません。範囲: `events:read`"""
    after = pages.read("events", asked.cursor)
    rows = Event.objects.filter(tenant_id=request.actor.tenant_id, seq__gt=after).order_by("seq")
    found = list(rows[: asked.limit + 1])
    shown = found[: asked.limit]
    items = [EventOut.model_validate(event, from_attributes=True) for event in shown]
    place = shown[-1].seq if shown else after
    return Events(items=items, next_cursor=pages.write("events", place), has_more=len(found) > asked.limit)
