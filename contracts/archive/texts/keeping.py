"""Keep what was read: the text of each page once in a municipality, and where it stands."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from contracts.archive.texts import grams
from contracts.folding import body_key
from contracts.models import DocumentText, PageText, Reading, TextPlace
from signing.texts import Text


def keep(document: DocumentText, text: Text, *, at: datetime) -> None:
    """Write down the pages of a document; whatever an earlier reading left gives way."""
    TextPlace.unscoped.filter(document=document).delete()
    pages = _pages(document.tenant_id, filter(None, text.pages))
    TextPlace.unscoped.bulk_create(
        TextPlace(tenant_id=document.tenant_id, document=document, number=number, page_id=pages[_digest(said)])
        for number, said in enumerate(text.pages, start=1)
        if said
    )
    document.state = Reading.READ if text.scans == text.recognised else Reading.SCANNED
    document.pages, document.characters = text.count, sum(map(len, text.pages))
    document.is_cut, document.scans, document.recognised = text.is_cut, text.scans, text.recognised
    document.read_at, document.last_error = at, ""
    document.save()


def give_up(document: DocumentText, *, reason: str, at: datetime) -> None:
    """Write down why a document has no text; it is not tried again."""
    document.state, document.read_at, document.last_error = Reading.UNREADABLE, at, reason[:500]
    document.save(update_fields=["state", "read_at", "last_error"])


def erase(documents: Any) -> None:
    """Take the texts of a query of documents out, with every page that only they said: their files are given up."""
    pages = list(TextPlace.unscoped.filter(document__in=documents).values_list("page_id", flat=True).distinct())
    documents.delete()
    PageText.unscoped.filter(pk__in=pages, places__isnull=True).delete()


def _pages(tenant_id: int, texts: Iterable[str]) -> dict[str, int]:
    """Return the rows of texts by digest, after adding those that are new."""
    by_digest = {_digest(text): text for text in texts}
    # 同じ順に足すので、二人が行き違いに待ち合うことがない
    rows = [_page(tenant_id, digest, by_digest[digest]) for digest in sorted(by_digest)]
    PageText.unscoped.bulk_create(rows, ignore_conflicts=True)
    found = PageText.unscoped.filter(tenant_id=tenant_id, digest__in=by_digest)
    return dict(found.values_list("digest", "pk"))


def _page(tenant_id: int, digest: str, text: str) -> PageText:
    key = body_key(text)
    return PageText(tenant_id=tenant_id, digest=digest, text=text, key=key, grams=grams.stored(key))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
