"""Print the papers: frozen values in, PDF/A bytes out."""

from contracts.documents import front
from contracts.documents.certificate import CertificatePaper
from contracts.documents.papers import ConsentPaper, ContractPaper
from contracts.documents.printing import print_pdf


def render_consent(paper: ConsentPaper) -> bytes:
    """Print 様式第1号 on one page, and after it the methods that were shown, if any; raises Unprintable."""
    context = {"paper": paper, "title": f"{paper.title} {paper.case_title}"}
    return print_pdf("contracts/pdf/consent.html", context, styles=["consent.css"])


def render_certificate(paper: CertificatePaper) -> bytes:
    """Print a 合意締結証明書 with the extract of the log attached; raises Unprintable."""
    from contracts.documents.renderer import Attached

    attached = Attached("journal.json", "操作記録の抜粋", paper.extract, paper.made_at)
    context = {"paper": paper, "title": f"合意締結証明書 {paper.title}"}
    return print_pdf("contracts/pdf/certificate.html", context, styles=["certificate.css"], attached=[attached])


def render_contract(paper: ContractPaper) -> bytes:
    """Print a contract, an amendment or a correction.

    Raises Unprintable for a character the fonts lack, ClauseRefused for an article that asks for an unknown value,
    NothingChanged for an amendment or a correction that changes nothing.
    """
    context = {
        "paper": paper,
        "title": f"{paper.name}{paper.times} {paper.title}",
        "body": f"contracts/pdf/_{paper.kind}.html",
        **_tables(paper),
    }
    return print_pdf("contracts/pdf/contract.html", context, styles=["contract.css"])


def _tables(paper: ContractPaper) -> dict[str, object]:
    if paper.kind == "amendment":
        return {"rows": front.identity(paper), "changes": front.changes(paper), "articles": front.articles(paper)}
    if paper.kind == "correction":
        return {"rows": front.identity(paper), "changes": front.corrections(paper), "articles": ()}
    return {"rows": front.front_sheet(paper), "changes": (), "articles": front.articles(paper)}
