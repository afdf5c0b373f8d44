"""What is too large, too deep or too much is refused before it costs anything, and people read why in Japanese."""

import io

import pytest
from django.test import Client

from config import headers
from tests.contracts.api.conftest import said, system, tosu

pytestmark = pytest.mark.django_db
__all__ = ["system", "tosu"]
MEGABYTE = 1024 * 1024


class Untouched(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("path", ["/verify/", "/accounts/login/", "/no-such-page/", "/api/v1/cases"])
def test_an_upload_larger_than_any_city_takes_is_refused_unread(client, path):
    sent = {"wsgi.input": Untouched(), "CONTENT_LENGTH": str(headers.LARGEST + 1)}

    answer = client.generic("POST", path, b"", content_type="multipart/form-data; boundary=x", **sent)

    assert answer.status_code == 413
    assert answer["Connection"] == "close"
    assert "大きすぎて受け取れません" in answer.content.decode()


def test_a_form_of_too_many_words_is_refused(client):
    answer = client.post("/accounts/login/", {"login": "あ" * 3 * MEGABYTE})

    assert answer.status_code == 413
    assert "ファイルを小さくするか" in answer.content.decode()


@pytest.mark.parametrize("kind", ["form", "parts", "address"])
def test_a_hundred_thousand_fields_are_refused(client, kind):
    fields = {f"f{number}": "" for number in range(100_000)}

    if kind == "address":
        answer = client.get("/verify/acrobat/?" + "&".join(f"{name}=" for name in fields))
        assert answer.status_code == 200  # 読まれない
        answer = client.get("/tosu/rules/?" + "&".join(f"{name}=" for name in fields))
        assert answer.status_code in {200, 400, 404}
        return
    if kind == "form":
        body = "&".join(f"{name}=" for name in fields)
        answer = client.generic("POST", "/accounts/login/", body, content_type="application/x-www-form-urlencoded")
    else:
        answer = client.post("/accounts/login/", dict(list(fields.items())[:400]))

    assert answer.status_code in {400, 413}
    assert "何も変わっていません" in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"number":' * 100_000, b'{"number":"' + b"a" * 3 * MEGABYTE + b'"}', b"\xff\xfe{}", b"1e999999"],
    ids=["lists", "objects", "long", "no text", "a number"],
)
def test_the_api_reads_no_deep_long_or_broken_json(system, body):
    answer = Client().post(
        "/api/v1/cases",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {system.secret}", "Idempotency-Key": "0b6f3a1e-5d1c-4a38"},
    )

    assert answer.status_code in {400, 413, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert said(answer)["type"] in {"/api/#bad-request", "/api/#too-large", "/api/#invalid"}
