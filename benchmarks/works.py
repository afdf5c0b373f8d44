"""What is measured: our way and, where there is one, the plain way of the library underneath."""

import tomllib
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import SimpleSigner, fields, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

from config.embedded.pki import PkiPaths
from contracts import clauses
from contracts.documents import Conditions, ContractPaper, Party, render_contract
from contracts.terms import Terms
from signing.keys import Pkcs12Key
from signing.sealing import Approval, Sealer
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust

Work = Callable[[], object]
SIGNERS = (("髙﨑　𠮷男", "takasaki@kensetsu.example.jp"), ("見本　太郎", "keiyaku@tosu.example.jp"))
WORKS = Path(__file__).parents[1] / "contracts/presets/clauses/works.toml"
PAPER = ContractPaper(
    case_kind="construction",
    case_kind_label="建設工事",
    number="鳥建工第1号",
    title="市道神辺・永吉線 道路改良工事（第2工区）",
    conditions=Conditions(
        price=27_500_000,
        tax=2_500_000,
        starts_date=date(2026, 4, 10),
        ends_date=date(2026, 9, 30),
        terms=Terms(place="鳥栖市神辺町地内", advance_percent=40, interim_percent=20),
        guarantee="請負代金額の100分の10以上",
        clause_set="契約約款",
    ),
    orderer=Party(
        address="佐賀県鳥栖市宿町1118番地",
        name="鳥栖市",
        representative_title="鳥栖市長",
        representative_name="見本　太郎",
    ),
    contractors=(
        Party(
            address="佐賀県鳥栖市本町一丁目1番地",
            name="株式会社髙﨑𠮷建設",
            representative_title="代表取締役",
            representative_name="髙﨑　𠮷男",
        ),
    ),
    articles=clauses.read(tomllib.loads(WORKS.read_text(encoding="utf-8"))["articles"]),
)


def contract() -> bytes:
    """Print the contract as the product does."""
    return render_contract(PAPER)


def sealer(made: PkiPaths) -> Sealer:
    """Build our sealer over the trial authority."""
    trust = Trust.load([made.trust_roots], [made.chain])
    key = Pkcs12Key(made.pkcs12, made.passphrase.read_text())
    return Sealer(key, TimestampAuthorities([made.tsa_url], trust=trust), trust)


def seal(pdf: bytes, with_sealer: Sealer) -> bytes:
    """Add two approvals and the document timestamp our way."""
    source: Standing | bytes = pdf
    for step, (name, email) in enumerate(SIGNERS):
        approval = Approval(document="1", step=step, name=name, email=email, at=timezone.now())
        sealed = with_sealer.approve(source, approval, final=step == len(SIGNERS) - 1)
        source, pdf = sealed.standing, pdf + sealed.tail
    return pdf


def plain_signer(made: PkiPaths) -> SimpleSigner:
    """Load the same key into pyHanko's own signer."""
    signer = SimpleSigner.load_pkcs12(
        str(made.pkcs12), other_certs=list(_certificates(made)), passphrase=made.passphrase.read_bytes()
    )
    if signer is None:
        raise RuntimeError("pyHanko が鍵を読めませんでした。")
    return signer


def seal_plainly(pdf: bytes, signer: SimpleSigner, made: PkiPaths) -> bytes:
    """Add the same two approvals and document timestamp with pyHanko's defaults, as its documentation shows."""
    for step, (name, email) in enumerate(SIGNERS):
        context = ValidationContext(
            trust_roots=list(Trust.load([made.trust_roots]).roots),
            other_certs=list(_certificates(made)),
            allow_fetching=True,
            revocation_mode="require",
        )
        metadata = signers.PdfSignatureMetadata(
            field_name=f"FIELD_1_{step}",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=f"{name} 様 {email} が承認しました",
            location="日本",
            validation_context=context,
            embed_validation_info=True,
            use_pades_lta=step == len(SIGNERS) - 1,
        )
        field = fields.SigFieldSpec(f"FIELD_1_{step}")
        stamper = HTTPTimeStamper(made.tsa_url)
        output = signers.PdfSigner(metadata, signer=signer, timestamper=stamper, new_field_spec=field).sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf))
        )
        pdf = output.getvalue()
    return pdf


def seals_in(pdf: bytes) -> tuple[int, int]:
    """Count the signatures and the document timestamps."""
    reader = PdfFileReader(BytesIO(pdf))
    return len(reader.embedded_regular_signatures), len(reader.embedded_timestamp_signatures)


def _certificates(made: PkiPaths) -> tuple[object, ...]:
    return Trust.load([made.chain]).roots
