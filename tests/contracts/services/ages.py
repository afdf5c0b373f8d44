"""何十年もの間、市の worker がただ動き続ける。"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import time_machine
from django.conf import LazySettings
from django.utils import timezone

from contracts.services.upkeep import renewing
from signing import setup
from tests.signing.ages import PASSPHRASE, Ages, passing, years
from tests.stories import Story

TOOLS = (setup.trust, setup.authorities, setup.keyring, setup._sealer)


@contextmanager
def configured(settings: LazySettings, directory: Path) -> Iterator[Ages]:
    """Let the product sign with the authorities of the ages, with the clock at their beginning."""
    with passing(directory) as ages:
        settings.TRUST_ROOTS, settings.SIGNING_CHAIN = ages.trust_roots, None
        settings.SIGNING_PKCS12, settings.SIGNING_PKCS12_PASSPHRASE = ages.pkcs12, PASSPHRASE
        settings.TSA_URLS = [ages.tsa_url]
        _forget()
        try:
            yield ages
        finally:
            _forget()


def _forget() -> None:
    for tool in TOOLS:
        tool.cache_clear()


def renew(story: Story, age: float) -> int:
    """Let the worker renew what is due at an age, and count how often it did something."""
    with time_machine.travel(years(age), tick=False):
        count = 0
        while renewing.renew_next(
            tenant_id=story.tenant.pk, at=timezone.now(), authorities=setup.authorities(), trust=setup.trust()
        ):
            count += 1
        return count
