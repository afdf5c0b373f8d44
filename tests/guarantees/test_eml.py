"""A received mail is read as real mailers write it, and hostile ones cost neither time nor memory."""

import base64
from datetime import UTC, datetime

import pytest

from guarantees import charsets, eml

PDF = b"%PDF-1.7\nnotice"
SUBJECT = "【電子保証】令7第12号 市道①号線道路改良工事㈱髙﨑組"
NAME = "認証キー等のお知らせ①.pdf"
LIMIT = 4 * eml.MEGABYTE


def jis(text: str) -> bytes:
    """Write as Windows mailers do: ISO-2022-JP with the characters of code page 932 in its empty rows."""
    out, double = bytearray(), False
    for char in text:
        code = char.encode("cp932")
        if double != (len(code) == 2):
            double = not double
            out += b"\x1b$B" if double else b"\x1b(B"
        if not double:
            out += code
            continue
        lead, trail = code[0], code[1]
        row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
        out += bytes([row + 1, trail - 0x7E] if trail >= 0x9F else [row, trail - (0x20 if trail > 0x7F else 0x1F)])
    return bytes(out + (b"\x1b(B" if double else b""))


def word(charset: str, content: bytes) -> str:
    return f"=?{charset}?B?{base64.b64encode(content).decode()}?="


def mail(
    *,
    subject: bytes = b"kagi",
    sender: bytes = b"yamada@example.jp",
    disposition: bytes = b'attachment; filename="notice.pdf"',
    type_: bytes = b"application/pdf",
    content: bytes = PDF,
    date: bytes = b"Thu, 12 Mar 2026 09:15:00 +0900",
) -> bytes:
    return b"\r\n".join(
        [
            b"From: " + sender,
            b"Subject: " + subject,
            b"Date: " + date,
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="=_b"',
            b"",
            b"--=_b",
            b"Content-Type: text/plain; charset=ISO-2022-JP",
            b"",
            jis("お世話になっております。"),
            b"--=_b",
            b"Content-Type: " + type_,
            b"Content-Transfer-Encoding: base64",
            b"Content-Disposition: " + disposition,
            b"",
            base64.encodebytes(content),
            b"--=_b--",
            b"",
        ]
    )


def read(content: bytes) -> eml.Mail:
    return eml.read(content, most_bytes=LIMIT)


WRITTEN = {
    "UTF-8 in base64": word("UTF-8", SUBJECT.encode()).encode(),
    "ISO-2022-JP as Outlook writes it": word("iso-2022-jp", jis(SUBJECT)).encode(),
    "Shift_JIS": word("Shift_JIS", SUBJECT.encode("cp932")).encode(),
    "two words cut inside a character": " ".join(
        [word("utf-8", SUBJECT.encode()[:20]), word("UTF-8", SUBJECT.encode()[20:])]
    ).encode(),
    "folded words": "\r\n ".join(word("utf-8", part.encode()) for part in (SUBJECT[:15], SUBJECT[15:])).encode(),
    "quoted-printable": ("=?utf-8?Q?" + "".join(f"={b:02X}" for b in SUBJECT.encode()) + "?=").encode(),
    "bare UTF-8": SUBJECT.encode(),
    "bare CP932": SUBJECT.encode("cp932"),
    "bare ISO-2022-JP": jis(SUBJECT),
    "ISO-2022-JP that says UTF-8": word("x-unknown", jis(SUBJECT)).encode(),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_subject_is_read_however_a_mailer_wrote_it(how):
    assert read(mail(subject=WRITTEN[how])).subject == SUBJECT


NAMED = {
    "RFC 2231": b"attachment; filename*=UTF-8''" + "".join(f"%{b:02X}" for b in NAME.encode()).encode(),
    "RFC 2231 in parts, CP932": b"attachment;\r\n filename*0*=shift_jis'ja'"
    + "".join(f"%{b:02X}" for b in NAME.encode("cp932")[:9]).encode()
    + b";\r\n filename*1*="
    + "".join(f"%{b:02X}" for b in NAME.encode("cp932")[9:]).encode(),
    "RFC 2231, ISO-2022-JP": b"attachment; filename*=iso-2022-jp''" + "".join(f"%{b:02X}" for b in jis(NAME)).encode(),
    "an encoded word": b'attachment; filename="' + word("iso-2022-jp", jis(NAME)).encode() + b'"',
    "bare CP932": b'attachment; filename="' + NAME.encode("cp932") + b'"',
    "bare UTF-8": b'attachment; filename="' + NAME.encode() + b'"',
}


@pytest.mark.parametrize("how", NAMED)
def test_a_file_keeps_its_name_and_its_bytes(how):
    (file,) = read(mail(disposition=NAMED[how])).enclosures

    assert (file.name, file.content, file.is_pdf) == (NAME, PDF, True)


def test_a_name_given_only_with_the_type_is_found_and_folders_and_invisible_characters_are_left_out():
    named = mail(disposition=b"attachment", type_=b'application/octet-stream; name="..\\..\\etc/ke\xe2\x80\xaey.pdf"')

    (file,) = read(named).enclosures

    assert file.name == "key.pdf"
    assert file.is_pdf


def test_the_sender_is_told_by_name_and_by_address():
    mail_ = read(mail(sender=(word("utf-8", "山田 太郎".encode()) + " <yamada@example.jp>").encode()))

    assert (mail_.sender, mail_.address) == ("山田 太郎 <yamada@example.jp>", "yamada@example.jp")
    assert read(mail(sender=b"yamada@example.jp")).address == "yamada@example.jp"


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        (b"Thu, 12 Mar 2026 09:15:00 +0900", datetime(2026, 3, 12, 0, 15, tzinfo=UTC)),
        (b"Thu, 12 Mar 2026 00:15:00 -0000", datetime(2026, 3, 12, 0, 15, tzinfo=UTC)),
        (b"yesterday", None),
        (b"Thu, 99 Mar 99999 09:15:00 +0900", None),
    ],
)
def test_the_moment_of_sending_is_read_or_left_open(date, moment):
    assert read(mail(date=date)).sent_at == moment


def test_the_text_of_the_mail_is_no_file_and_a_mail_inside_the_mail_gives_its_files():
    inner = mail()
    outer = (
        b"From: clerk@example.jp\r\nSubject: FW\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n'
        + inner
        + b"\r\n--o--\r\n"
    )

    mail_ = read(outer)

    assert [file.content for file in mail_.pdfs] == [PDF]
    assert mail_.address == "clerk@example.jp"


def test_a_packed_file_is_named_so_that_a_person_can_unpack_it():
    mail_ = read(mail(disposition=b'attachment; filename="KAGI.ZIP"', content=b"PK\x03\x04"))

    assert (mail_.pdfs, mail_.packed) == ((), ("KAGI.ZIP",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (eml.OUTLOOK + b"\0" * 600, "Outlook の .msg は読めません"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 600, "メールとして読めません"),
        (b"", "メールとして読めません"),
        (mail(content=b"x" * LIMIT), "上限は4MBです"),
        (b"From: a@example.jp\n" + b"\n" * (eml.MOST_LINES + 1), "込み入っていて読めません"),
        (b"From: a@example.jp\n" + b"\r" * (eml.MOST_LINES + 1), "込み入っていて読めません"),
        (mail(disposition=b"attachment; filename*0*=a; filename*=b"), "メールとして読めません"),
        (
            b"From: a@example.jp\nSubject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
            + b"--b\nContent-Type: application/pdf\n\n\n" * 100,
            "添付が多すぎます",
        ),
        (
            b"From: a@example.jp\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(500)),
            "込み入っていて読めません",
        ),
    ],
    ids=["msg", "picture", "empty", "big", "lines", "returns", "parameters", "parts", "deep"],
)
def test_what_is_no_readable_mail_is_refused_with_what_to_do(content, said):
    with pytest.raises(eml.MailRefused, match=said):
        read(content)


def test_a_header_without_end_is_cut_instead_of_being_pondered():
    # 切らなければ、標準の部品はこの長さの二乗に比例して考え込み、このテストは終わらない。
    endless = b'attachment; filename="' + b";" * 3_000_000

    mail_ = read(mail(disposition=endless))

    assert [len(file.name) <= eml.LONGEST_NAME for file in mail_.enclosures] == [True]


@pytest.mark.parametrize("charset", ["zlib", "idna", "no-such", "", "utf-16"])
def test_a_charset_of_an_attackers_choice_is_not_used(charset):
    assert charsets.decode("鳥栖".encode(), charset) == "鳥栖"


def test_what_cannot_be_read_is_marked_and_nothing_fails():
    assert "\ufffd" in charsets.decode(b"\xff\xfe\xff", "utf-8")
    assert charsets.header("=?utf-8?B?!!!?=") is not None
    assert charsets.decode(b"\x1b$B\x21\x22\xff", "iso-2022-jp") == "、"
    assert charsets.decode(b"\x1b$B\x00\x01\x1b(B.", "iso-2022-jp") == "?."
    assert charsets.decode(b"\x1b(I\x36\x37\x1b(B", "iso-2022-jp") == "ｶｷ"
