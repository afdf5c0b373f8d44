"""署名の後に書き直された文書情報を、道具が自動で変える項目と、題名のように意味のある項目に分ける。

pyHanko も Acrobat も、署名を足すときに更新日時や作成した道具の名を書き直す（docs/adr/0015）。
"""

from xml.etree import ElementTree as ET

from signing.pdf.syntax import Dictionary
from signing.results import Problem
from signing.verification.problems import METADATA, METADATA_UNCLEAR

AUTOMATIC_KEYS = {"ModDate", "Producer"}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XMP, XMP_MM, PDF = (
    "{http://ns.adobe.com/xap/1.0/}",
    "{http://ns.adobe.com/xap/1.0/mm/}",
    "{http://ns.adobe.com/pdf/1.3/}",
)
AUTOMATIC_PROPERTIES = {
    f"{XMP}ModifyDate", f"{XMP}MetadataDate", f"{XMP_MM}InstanceID", f"{XMP_MM}History", f"{PDF}Producer",
}  # fmt: skip
DEEPEST = 20
LARGEST = 1024 * 1024

Properties = set[tuple[str, str]]


def of_information(old: Dictionary, new: Dictionary) -> Problem | None:
    """Compare two document information dictionaries (ISO 32000-2 14.3.3)."""
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    return METADATA if changed - AUTOMATIC_KEYS else None


def of_packet(old: bytes | None, new: bytes) -> Problem | None:
    """Compare two XMP packets (ISO 16684-1); without an old one, compare with none."""
    try:
        before = _properties(old) if old is not None else set()
        after = _properties(new)
    except (ET.ParseError, ValueError):
        return METADATA_UNCLEAR
    return METADATA if before ^ after else None


def _properties(packet: bytes) -> Properties:
    """Return the lasting properties of a packet; raises ValueError, ParseError on what cannot be compared."""
    if len(packet) > LARGEST or b"<!" in packet.replace(b"\0", b""):
        raise ValueError("a packet with declarations")
    root = ET.fromstring(packet)  # noqa: S314 - 宣言を含むものは上で断ったので、実体は展開されない  # nosec B314
    found: Properties = set()
    for description in root.iter(f"{RDF}Description"):
        found |= {(name, value.strip()) for name, value in description.attrib.items() if not name.startswith(RDF)}
        found |= {(child.tag, _canonical(child, 0)) for child in description}
    return {(name, value) for name, value in found if name not in AUTOMATIC_PROPERTIES}


def _canonical(element: ET.Element, depth: int) -> str:
    """Return an element's meaning in one string: simple text as it is, so that it equals the attribute form."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    parts = [_canonical(child, depth + 1) for child in element]
    named = [f"{key}={value}" for key, value in sorted(element.attrib.items())]
    text = (element.text or "").strip()
    if not parts and not named:
        return text
    return f"{named}{text}[{','.join(f'{child.tag}{part}' for child, part in zip(element, parts, strict=True))}]"
