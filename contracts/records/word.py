"""A document that any word processor opens and edits (.docx, ECMA-376): a title, headings and paragraphs, no more."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from contracts.streams.books import NOT_XML, XML
from contracts.streams.zips import zipped

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
Paragraph = tuple[str, str]
TITLE, HEADING, BODY, NOTE = "Title", "Heading1", "Normal", "Note"


def document(paragraphs: Iterable[Paragraph], *, at: datetime) -> bytes:
    """Write paragraphs, each with one of the styles above, as a .docx of A4 pages."""
    body = "".join(_paragraph(style, text) for style, text in paragraphs)
    files = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": _relation("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _relation("styles", "styles.xml"),
        "word/styles.xml": f'{XML}<w:styles xmlns:w="{MAIN}">{DEFAULTS}{"".join(_styles())}</w:styles>',
        "word/document.xml": f'{XML}<w:document xmlns:w="{MAIN}"><w:body>{body}{A4}</w:body></w:document>',
    }
    return b"".join(zipped(((name, [text.encode()]) for name, text in files.items()), at=at))


def _paragraph(style: str, text: str) -> str:
    kept = escape(NOT_XML.sub("\ufffd", text))
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{kept}</w:t></w:r></w:p>'


def _relation(kind: str, target: str) -> str:
    link = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>'


def _styles() -> Iterator[str]:
    """Yield the styles; a size is in half points, a space in twentieths of a point."""
    yield _style(BODY, "標準", '<w:spacing w:after="80" w:line="340" w:lineRule="auto"/>', 21)
    yield _style(TITLE, "表題", '<w:spacing w:before="480" w:after="360"/><w:jc w:val="center"/>', 30)
    yield _style(
        HEADING, "見出し 1", '<w:keepNext/><w:spacing w:before="240" w:after="60"/><w:outlineLvl w:val="0"/>', 22
    )
    yield _style(NOTE, "説明", '<w:shd w:val="clear" w:fill="F2F2F2"/><w:spacing w:after="0"/>', 18)


def _style(name: str, label: str, layout: str, size: int) -> str:
    default = ' w:default="1"' if name == BODY else ""
    bold = "<w:b/>" if name in {TITLE, HEADING} else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{name}"><w:name w:val="{label}"/><w:qFormat/>'
        f'<w:pPr>{layout}</w:pPr><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr></w:style>'
    )


CONTENT_TYPES = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{TYPES}.styles+xml"/></Types>'
)
DEFAULTS = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Century" w:hAnsi="Century" w:eastAsia="游明朝"/>'
    '<w:lang w:val="en-US" w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault></w:docDefaults>'
)
A4 = (
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1418" w:right="1418" w:bottom="1418" w:left="1418" w:header="851" w:footer="992" w:gutter="0"/>'
    "</w:sectPr>"
)
