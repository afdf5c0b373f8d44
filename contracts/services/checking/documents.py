"""Whether documents are what the rows and the journal say: bytes, revisions and events have the same SHA-256."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from audit.models import Event
from contracts.models import Document, DocumentKind, Revision
from vault import files

HASH = re.compile(r"[0-9a-f]{64}")
# 版を作った出来事。見た、渡したという出来事は、そのとき行にあった値を写すだけなので、証しにならない
SEALED = ("document.sealed", "document.renewed", "certificate.made")
DISPOSED = "custody.disposed"
MADE = (*SEALED, "document.frozen", "contract.submitted")


def flaws(documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """Yield where and what does not hold, of documents of the municipality in view with their revisions at hand."""
    told = _Told(documents)
    for document in documents:
        case = document.version.case
        for what in _of(document, told):
            yield f"{case.number} {document.title}（文書 {document.pk}）", what


class _Told:
    """What the journal says of the documents of some cases: the hashes of each thread, and of each seal."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.named: dict[str, set[str]] = defaultdict(set)
        self.sealed: dict[str, set[str]] = defaultdict(set)
        self.disposed: set[str] = set()
        threads = {(each.tenant_id, each.version.case.thread) for each in documents}
        for tenant_id, thread in threads:
            events = Event.objects.of_thread(tenant_id, thread).filter(action__in=(*MADE, DISPOSED))
            for action, subject, data in events.values_list("action", "subject", "data"):
                if action == DISPOSED:
                    self.disposed.add(thread)
                    continue
                self.named[thread].update(HASH.findall(data))
                if action in SEALED:
                    self.sealed[subject].add(json.loads(data)["sha256"])


def _of(document: Document, told: _Told) -> Iterator[str]:
    revisions = sorted(document.revisions.all(), key=lambda each: each.number)
    if not revisions or [each.number for each in revisions] != list(range(len(revisions))):
        yield "版が欠けています。"
    thread = document.version.case.thread
    yield from _of_bytes(revisions, is_disposed=thread in told.disposed)
    named = told.named[thread]
    for revision in revisions:
        if revision.sha256 not in named and not _is_unsigned_certificate(document, revision):
            yield f"第{revision.number}版の SHA-256 が、操作記録に書かれたものと違います。"
    for sha256 in sorted(told.sealed[f"document:{document.pk}"] - {each.sha256 for each in revisions}):
        yield f"操作記録にある版（SHA-256 {sha256}）がありません。"


def _of_bytes(revisions: list[Revision], *, is_disposed: bool) -> Iterator[str]:
    """Read the tails one after the other, and compare the whole at the end of each."""
    digest, size = hashlib.sha256(), 0
    try:
        for revision in revisions:
            for piece in files.stream(revision.tail):
                digest.update(piece)
                size += len(piece)
            if (size, digest.hexdigest()) != (revision.size, revision.sha256):
                yield f"第{revision.number}版の内容が、記録した大きさと SHA-256 に一致しません。"
                return
    except files.Destroyed:
        # 行だけでは、だれかが鍵を消したのと見分けがつかない。操作記録の鎖が廃棄したと言うときだけ認める
        if not is_disposed:
            yield "鍵が壊されていますが、承認を得て廃棄した記録がありません。"
    except files.Damaged as damaged:
        yield str(damaged)


def _is_unsigned_certificate(document: Document, revision: Revision) -> bool:
    # 合意締結証明書の、印を押す前の紙面。押したものだけが渡され、記録される
    return document.kind == DocumentKind.CERTIFICATE and revision.number == 0
