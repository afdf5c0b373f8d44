"""Which of the papers that were dropped belong together: a notice and the certificate of the same number (R115)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.reading import Kind, Reading


@dataclass(frozen=True)
class Paper:
    """A PDF with what the reader made of it; `as_certificate` tells that it was put where the certificate goes."""

    name: str
    content: bytes = field(repr=False)
    reading: Reading
    as_certificate: bool = False

    @property
    def is_certificate(self) -> bool:
        if self.reading.kind is Kind.SCAN:
            return self.as_certificate
        return self.reading.kind is Kind.CERTIFICATE

    @property
    def number(self) -> str | None:
        """Give the 保証契約番号 it bears, None where it bears none or cannot be read."""
        facts = self.reading.notice or self.reading.certificate
        return facts.number if facts else None


@dataclass(frozen=True)
class Bundle:
    """The papers of one certificate, as far as they are there."""

    notice: Paper | None = None
    certificate: Paper | None = None

    @property
    def notice_facts(self) -> NoticeFacts:
        return (self.notice and self.notice.reading.notice) or NoticeFacts()

    @property
    def certificate_facts(self) -> CertificateFacts:
        for paper in (self.certificate, self.notice):
            if paper is not None and paper.reading.certificate is not None:
                return paper.reading.certificate
        return CertificateFacts()

    @property
    def has_certificate(self) -> bool:
        """Tell whether a certificate is there, by itself or together with the notice in one file."""
        return self.certificate is not None or (self.notice is not None and self.notice.reading.certificate is not None)

    @property
    def title(self) -> str:
        """Give the 工事名 of the papers, the notice's first; "" where none could be read."""
        return self.notice_facts.work_title or self.certificate_facts.work_title or ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Say what the reader had to say, and that the two papers do not bear the same number."""
        said = [paper.reading.why for paper in (self.notice, self.certificate) if paper and paper.reading.why]
        one, other = self.notice_facts.number, self.certificate_facts.number
        if one and other and one != other:
            said.append(
                f"お知らせの番号（{one}）と、保証証書の番号（{other}）が異なります。組み合わせをご確認ください。"
            )
        return tuple(dict.fromkeys(said))


def bundle(papers: Iterable[Paper]) -> tuple[Bundle, ...]:
    """Put papers together: by their number, and a single certificate to a single notice whatever they bear."""
    given = [paper for paper in papers if paper.reading.kind is not Kind.UNKNOWN]
    notices = [paper for paper in given if not paper.is_certificate]
    certificates = [paper for paper in given if paper.is_certificate]
    if len(notices) == len(certificates) == 1:
        return (Bundle(notices[0], certificates[0]),)
    return tuple(_by_number(notices, certificates))


def _by_number(notices: Sequence[Paper], certificates: Sequence[Paper]) -> Iterator[Bundle]:
    left = list(certificates)
    for notice in notices:
        same = next((paper for paper in left if paper.number and paper.number == notice.number), None)
        if same is not None:
            left.remove(same)
        yield Bundle(notice, same)
    yield from (Bundle(None, paper) for paper in left)
