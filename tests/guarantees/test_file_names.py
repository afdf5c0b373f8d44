"""Whatever a paper was called when it came, it leaves under a name that every system takes, as a file of its kind."""

import re
import unicodedata
from email.message import Message

import pytest
from django.urls import reverse
from django.utils import timezone

from guarantees.models import PaperSlot
from guarantees.services import keeping
from tests.guarantees.conftest import clerk, officer, submitted

pytestmark = pytest.mark.django_db
NAMES = [
    "../../etc/passwd",
    r"..\..\windows\system32\cmd.exe",
    "/etc/passwd.pdf",
    "C:\\証書.pdf",
    "証書\x00.html\x00.pdf",
    '証書"; filename="x.html',
    "証書\r\nContent-Type: text/html\r\n\r\n<script>.pdf",
    "証書\u202efdp.exe",
    "a" * 300 + ".pdf",
    "髙﨑" * 120 + ".pdf",
    ".htaccess",
    "...",
    " ",
    "証書.pdf.exe",
    "=cmd|' /C calc'!A0.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_leaves_under_a_safe_name(name):
    guarantee = submitted()
    staff = clerk(guarantee.tenant)
    actor, at = officer(guarantee.tenant), timezone.now()
    paper = keeping.keep(guarantee, slot=PaperSlot.NOTICE, name=name, content=b"%PDF-1.7", actor=actor, at=at)

    answer = staff.post(reverse("guarantee_file", args=[guarantee.pk, paper.pk]), {"reason": "確かめる"})

    header = Message()
    header["Content-Disposition"] = answer["Content-Disposition"]
    given = str(header.get_filename())
    assert (answer.status_code, header.get_content_disposition()) == (200, "attachment")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert given.endswith(".pdf")
    assert len(given) <= 64
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f]', given)
    assert not given.startswith(".")
    assert not [char for char in given if unicodedata.category(char) == "Cf"]
