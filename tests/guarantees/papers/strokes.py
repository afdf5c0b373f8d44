"""道具を使わずに、字と罫線を一つずつ置いた PDF。字体は埋め込まない。"""

from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

CODECS = {
    "90ms-RKSJ-H": "cp932",
    "90ms-RKSJ-V": "cp932",
    "UniJIS-UTF16-H": "utf-16-be",
    "UniJIS-UCS2-H": "utf-16-be",
    "EUC-H": "euc_jp",
}


@dataclass
class Sheet:
    """A page that is written on with a font the reader must have; points from the lower left."""

    encoding: str = "90ms-RKSJ-H"
    size: tuple[float, float] = (595, 842)
    turned: int = 0
    strokes: list[bytes] = field(default_factory=list)

    def write(self, x: float, y: float, text: str, size: float = 11, *, spacing: float = 0, mode: int = 0) -> None:
        """Write a line of text (a column, where the encoding is vertical)."""
        code = text.encode(CODECS[self.encoding]).hex()
        self.strokes.append(f"BT /F1 {size} Tf {spacing} Tc {mode} Tr {x} {y} Td <{code}> Tj ET".encode())

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw the four sides of a box."""
        self.strokes.append(f"{x} {y} {width} {height} re S".encode())

    def rule(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw a straight line."""
        self.strokes.append(f"{x} {y} m {to_x} {to_y} l S".encode())

    def pdf(self) -> bytes:
        """Return the file."""
        with pikepdf.new() as made:
            page = made.add_blank_page(page_size=self.size)
            page.obj.Resources = Dictionary(Font=Dictionary(F1=_font(made, self.encoding)))
            page.obj.Contents = made.make_stream(b"0.5 w\n" + b"\n".join(self.strokes))
            page.rotate(self.turned, relative=False)
            output = BytesIO()
            made.save(output)
            return output.getvalue()


def _font(made: pikepdf.Pdf, encoding: str) -> pikepdf.Object:
    """Name MS 明朝 without embedding it, as business systems of the nineties do."""
    metrics = Dictionary(Type=Name.FontDescriptor, FontName=Name("/MS-Mincho"), Flags=4, FontBBox=[0, -137, 1000, 859])
    metrics.update(Dictionary(ItalicAngle=0, Ascent=859, Descent=-137, CapHeight=709, StemV=90))
    family = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/MS-Mincho"), DW=1000)
    family.W = Array([1, Array([500] * 94), 231, Array([500] * 95)])
    family.CIDSystemInfo = Dictionary(Registry=String("Adobe"), Ordering=String("Japan1"), Supplement=2)
    family.FontDescriptor = made.make_indirect(metrics)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type0, BaseFont=Name(f"/MS-Mincho-{encoding}"))
    font.update(Dictionary(Encoding=Name(f"/{encoding}"), DescendantFonts=Array([made.make_indirect(family)])))
    return made.make_indirect(font)
