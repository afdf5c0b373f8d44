"""Show where in a document a word stands: a line around the first place, with the word marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from accounts.actors import Actor
from contracts.folding import body_keys
from contracts.highlights import Piece, pieces
from contracts.models import ArchiveEntry, TextPlace

BEFORE, AFTER = 30, 60
# 記号は畳むと落ちるので、頁の中ほどでは、場所の見当がこれほどはずれる
REACH = 250
MOST_WORDS = 5


@dataclass(frozen=True)
class Snippet:
    """A line of a document: its title, the page (from 1), and the stretches of text, some of them marked."""

    title: str
    number: int
    pieces: list[Piece]


def snippets(entries: Iterable[ArchiveEntry], words: Iterable[str], *, actor: Actor) -> Mapping[str, Snippet]:
    """Return a line for each entry of a page of answers whose documents hold one of the words, by its subject."""
    asked = list(words)[:MOST_WORDS]
    keys = [key for word in asked for key in body_keys(word)]
    if not keys:
        return {}
    said = _saying(keys)
    rows = TextPlace.objects.visible_to(actor).filter(said, document__subject__in=[each.subject for each in entries])
    rows = rows.order_by("document__subject", "document_id", "number").distinct("document__subject")
    found = rows.values_list("document__subject", "document__title", "number", "page__text", "page__key")
    return {
        subject: Snippet(title, number, around(_near(text, key, keys), asked))
        for subject, title, number, text, key in found
    }


def _saying(keys: list[str]) -> Q:
    said = Q()
    for key in keys:
        said |= Q(page__key__contains=key)
    return said


def _near(text: str, key: str, keys: list[str]) -> str:
    """Cut a text to what stands about where its folded form has the first of the keys: marking reads every letter."""
    first = min(place for each in keys if (place := key.find(each)) >= 0)
    about = first * len(text) // len(key)
    return text[max(about - REACH, 0) : about + REACH]


def around(text: str, words: Iterable[str]) -> list[Piece]:
    """Cut a text to what stands around the first of the words, marked; to its beginning where none is found."""
    cut = pieces(text, words)
    first = next((place for place, piece in enumerate(cut) if piece.is_hit), None)
    if first is None:
        return [Piece(_shortened(text, AFTER), is_hit=False)]
    before = "".join(piece.text for piece in cut[:first])
    led = [Piece(("…" if len(before) > BEFORE else "") + before[-BEFORE:], is_hit=False)]
    return [piece for piece in [*led, *_following(cut[first:])] if piece.text]


def _following(cut: list[Piece]) -> list[Piece]:
    """Keep the marked words, and what follows, to a line's length."""
    kept: list[Piece] = []
    left = AFTER
    for piece in cut:
        kept.append(piece._replace(text=_shortened(piece.text, left)))
        left -= len(piece.text)
        if left <= 0:
            break
    return kept


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
