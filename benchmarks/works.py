"""The documents that the measurements are made with: what the product prints, and what people upload."""

import tomllib
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

from contracts import clauses
from contracts.documents import Conditions, ContractPaper, Party, render_contract
from contracts.terms import Terms

CLAUSES = Path(__file__).parents[1] / "contracts/presets/clauses/works.toml"
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
    articles=clauses.read(tomllib.loads(CLAUSES.read_text(encoding="utf-8"))["articles"]),
)
A3_AT_200_DPI = (3307, 2339)
DPI = 200
# 紙の地の粗さと画質。五枚でおよそ 22 MB になる。
GRAIN, QUALITY = 24, 92
MEBIBYTE = 1024 * 1024


def contract() -> bytes:
    """Print the contract as the product does."""
    return render_contract(PAPER)


def drawing(pages: int = 5) -> bytes:
    """Scan grainy A3 sheets into JPEG pages; about 22 MB for five."""
    output = BytesIO()
    first, *others = _sheets(pages)
    first.save(output, "PDF", save_all=True, append_images=others, resolution=DPI, quality=QUALITY)
    with pikepdf.open(output) as made:
        return _saved(made)  # Pillow の書く表の先頭の行を、pyHanko は読まない


def _sheets(pages: int) -> Iterator[Image.Image]:
    for _page in range(pages):
        sheet = Image.effect_noise(A3_AT_200_DPI, GRAIN)
        pen = ImageDraw.Draw(sheet)
        for step in range(0, A3_AT_200_DPI[1], 50):
            pen.line((step, 0, A3_AT_200_DPI[0] - step, A3_AT_200_DPI[1]), fill="black", width=3)
        yield sheet


def with_bookmarks(pdf: bytes, bookmarks: int) -> bytes:
    """Give a document so many bookmarks side by side, as one with as many headings has."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        with opened.open_outline() as outline:
            outline.root.clear()
            outline.root.extend(pikepdf.OutlineItem(f"第{number}条", 0) for number in range(1, bookmarks + 1))
        return _saved(opened)


def padded(pdf: bytes, mebibytes: int) -> bytes:
    """Make a document large with grey images that its first page lists but does not show."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        images = {f"/Padding{number}": _image(opened) for number in range(mebibytes // 10)}
        resources = opened.pages[0].obj.Resources
        resources.XObject = pikepdf.Dictionary({**resources.get("/XObject", {}), **images})
        return _saved(opened, compress_streams=False)


def _image(pdf: pikepdf.Pdf) -> pikepdf.Object:
    size = pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=4096, Height=2560)
    size.update(pikepdf.Dictionary(ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8))
    return pdf.make_stream(bytes(10 * MEBIBYTE), size)


def _saved(pdf: pikepdf.Pdf, **options: bool) -> bytes:
    output = BytesIO()
    pdf.save(output, **options)
    return output.getvalue()
