"""A ZIP from outside is read without trusting a word of it: not its names, not its sizes, not its contents."""

import io
import stat
import struct
import zipfile

import pytest

from contracts.elsewhere import packages
from contracts.elsewhere.packages import PackageRefused

INDEX = ("索引.csv", b"x")
PAPER = ("契約書.pdf", b"%PDF-1.7")


def zipped(*files, method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def names(content: bytes) -> tuple[str, ...]:
    with packages.opened(content) as package:
        return package.names


def refusal(content: bytes) -> str:
    with pytest.raises(PackageRefused) as refused:
        read_all(content)
    return str(refused.value)


def read_all(content: bytes) -> None:
    with packages.opened(content) as package:
        for name in package.names:
            package.read(name)


def test_an_index_and_its_papers_are_found():
    with packages.opened(zipped(INDEX, PAPER)) as package:
        assert package.index == b"x"
        assert package.read("契約書.pdf") == b"%PDF-1.7"


def test_one_folder_around_everything_and_what_systems_leave_behind_do_not_matter():
    litter = [("令和3年度/.DS_Store", b""), ("__MACOSX/令和3年度/._契約書.pdf", b""), ("令和3年度/Thumbs.db", b"")]

    assert names(zipped(("令和3年度/索引.csv", b"x"), ("令和3年度/契約書.pdf", b"%PDF"), *litter)) == ("契約書.pdf",)


def test_a_name_written_in_shift_jis_by_windows_is_read():
    """What Explorer writes: names in CP932, and no flag that says so."""
    made = bytearray(zipped(("index.csv", b"x"), ("ABCDEF.pdf", b"%PDF"), method=zipfile.ZIP_STORED))
    made = made.replace(b"ABCDEF.pdf", "契約書".encode("cp932") + b".pdf")

    assert names(bytes(made)) == ("契約書.pdf",)


def test_files_chosen_together_become_a_package():
    target = io.BytesIO()
    packages.pack([(name, io.BytesIO(content)) for name, content in (INDEX, PAPER)], target)

    assert names(target.getvalue()) == ("契約書.pdf",)


def test_two_files_of_one_name_are_refused():
    with pytest.raises(PackageRefused, match="二つあります"):
        packages.pack([("a.pdf", io.BytesIO(b"1")), ("a.pdf", io.BytesIO(b"2"))], io.BytesIO())


@pytest.mark.parametrize(
    "name", ["../契約書.pdf", "/etc/契約書.pdf", "a/../../契約書.pdf", "..\\契約書.pdf", "b/契約書.pdf"]
)
def test_a_name_with_a_way_in_it_is_refused(name):
    assert "フォルダーの中のファイル" in refusal(zipped(INDEX, (name, b"%PDF")))


def test_a_way_out_of_a_common_folder_is_refused():
    assert "フォルダーの中のファイル" in refusal(zipped(("../索引.csv", b"x"), ("../契約書.pdf", b"%PDF")))


def test_a_link_is_refused():
    link = zipfile.ZipInfo("契約書.pdf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert "ファイルではありません" in refusal(zipped(INDEX, (link, "/etc/passwd")))


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [(6, 99, "ZIP ファイルとして読めません"), (10, 99, "壊れています"), (8, 0x800 | 0x20, "壊れています")],
    ids=["a version of tomorrow", "an unknown way to pack", "a patch"],
)
def test_a_zip_that_this_unpacker_does_not_know_is_refused(place, value, why):
    """Two bytes of the directory say what only a newer unpacker can read (APPNOTE.TXT 4.3.12)."""
    made = bytearray(zipped(INDEX, PAPER))
    struct.pack_into("<H", made, made.rindex(b"PK\x01\x02") + place, value)

    assert why in refusal(bytes(made))


def test_a_bomb_is_refused_by_what_it_says():
    assert "200MBを超えます" in refusal(zipped(INDEX, PAPER, ("大.pdf", bytes(packages.MOST_UNPACKED))))


def test_a_bomb_that_understates_itself_is_not_unpacked():
    """The directory says 10 bytes where a million follow."""
    made = bytearray(zipped(INDEX, ("大.pdf", bytes(1_000_000))))
    size = struct.pack("<I", 1_000_000)
    made = made.replace(size, struct.pack("<I", 10))

    assert "壊れています" in refusal(bytes(made)) or "大きすぎます" in refusal(bytes(made))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([PAPER], "索引の CSV"),
        ([INDEX, ("別.csv", b""), PAPER], "索引の CSV"),
        ([INDEX], "PDF が一つも"),
        ([INDEX, PAPER, ("マクロ.xlsm", b"")], "PDF でも CSV でもない"),
        ([INDEX, *((f"{n}.pdf", b"") for n in range(packages.MOST_FILES + 1))], "件まで"),
    ],
)
def test_what_is_not_one_index_and_its_papers_is_refused(files, why):
    assert why in refusal(zipped(*files))


def test_what_is_no_zip_and_what_is_damaged_are_refused():
    made = zipped(INDEX, ("契約書.pdf", b"%PDF-1.7" * 100))

    assert "ZIP ファイルとして読めません" in refusal(b"PK\x03\x04" + bytes(100))
    assert "ZIP ファイルとして読めません" in refusal(made[: len(made) // 2])
    assert "壊れています" in refusal(flipped(made))


def flipped(made: bytes) -> bytes:
    """Turn a byte of the last paper's data around."""
    at = made.rindex(b".pdf", 0, made.rindex(b"PK\x01\x02")) + 6
    return made[:at] + bytes([made[at] ^ 0xFF]) + made[at + 1 :]


def test_a_package_with_a_password_is_refused():
    made = bytearray(zipped(INDEX, PAPER))
    entry = made.rindex(b"PK\x01\x02")
    made[entry + 8] |= 0x1

    assert "パスワード" in refusal(bytes(made))
