"""A guarantor whose books are committed in a database of their own, and its instance as a process of its own."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import tenancy
from guarantees.issuing.services import applying, correspondents, underwriting
from guarantees.models.issuing import IssuedCertificate
from guarantees.registry.http import HttpRegistry
from signing import setup
from tests.copies import database_copy, environment
from tests.guarantees.issuing.conftest import Books, wish

CONTEXT = multiprocessing.get_context("spawn")
PATIENCE = 60  # 秒


@dataclass
class Guarantor:
    """A guarantor that runs, and what a city knows of it."""

    books: Books
    url: str
    token: str
    certificate: IssuedCertificate
    key: str

    def registry(self, **values: str) -> HttpRegistry:
        return HttpRegistry(**({"url": self.url, "token": self.token, "trust": setup.trust()} | values))

    def another(self, **values: object) -> tuple[IssuedCertificate, str]:
        """Issue one more certificate, and give its key."""
        with tenancy.acting_for(self.books.guarantor.pk):
            certificate = self.books.standing(**values)
            return certificate, self.books.key(certificate)

    def changed(self, certificate: IssuedCertificate) -> IssuedCertificate:
        """Replace a certificate by one over a greater amount."""
        with tenancy.acting_for(self.books.guarantor.pk):
            holder = self.books.holder(self.books.firm)
            greater = wish(price=120_000_000, amount=48_000_000)
            application = applying.apply_for_change(certificate, actor=holder, at=timezone.now(), wish=greater)
            return self.books.standing(application=application)

    def cancel(self, certificate: IssuedCertificate) -> None:
        with tenancy.acting_for(self.books.guarantor.pk):
            underwriting.cancel(certificate, actor=self.books.underwriter, at=timezone.now(), reason="契約の解除")


@pytest.fixture(scope="module")
def keys() -> Iterator[None]:
    """Sign with the list of keys in which the guarantor has one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGNING_KEYS", str(Path(settings.SIGNING_PKCS12).with_name("keys.toml")))
        setup.keyring.cache_clear()
        yield
    setup.keyring.cache_clear()


@pytest.fixture(scope="module")
def instance(django_db_setup: None, django_db_blocker, keys: None) -> Iterator[Guarantor]:
    """Start a guarantor's instance over its own database, with one certificate that stands."""
    with django_db_blocker.unblock(), database_copy("guarantor") as name:
        with transaction.atomic():
            books = Books()
            certificate = books.standing()
            key = books.key(certificate)
            token = correspondents.connect(books.city, actor=books.underwriter, at=timezone.now())
        with environment(name, redis=15):
            track, port = _serve()
            url = f"http://127.0.0.1:{port}/nishinihon/certificates/view/"
            yield Guarantor(books, url, token, certificate, key)
            track.stop()


class _Process:
    def __init__(self) -> None:
        from tests.guarantees.registry.guarantor import main

        self.near, far = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=main, args=(far,), daemon=True)
        self.process.start()

    def stop(self) -> None:
        self.near.send(None)
        self.process.join(PATIENCE)
        self.process.close()
        self.near.close()


def _serve() -> tuple[_Process, int]:
    started = _Process()
    assert started.near.poll(PATIENCE), "the guarantor's instance does not start"
    return started, started.near.recv()
