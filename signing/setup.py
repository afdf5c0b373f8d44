"""設定から、このプロセスで使う署名の道具を一度だけ組み立てる。"""

import functools
import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from signing import network
from signing.keys import KeyBackend, Keyring, KnownKey, plans
from signing.keys.keyring import NONE_STOPPED
from signing.refusals import SealingUnavailable
from signing.sealing import Sealer
from signing.texts import Recogniser
from signing.timestamps import Entry, TimestampAuthorities, read_entries
from signing.trust import Trust

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Appointed:
    """Who seals, and with which certificate."""

    sealer: Sealer
    key: KnownKey


@functools.cache
def trust() -> Trust:
    """Return whom this installation trusts; raises ImproperlyConfigured without TRUST_ROOTS."""
    chain = settings.SIGNING_CHAIN
    return Trust.load([_path("TRUST_ROOTS")], [Path(chain)] if chain else [])


@functools.cache
def authorities() -> TimestampAuthorities:
    """Return the timestamp authorities in their configured order; raises ImproperlyConfigured."""
    if settings.TSA_LIST and settings.TSA_URLS:
        raise ImproperlyConfigured("TSA_LIST と TSA_URLS は、どちらか一つだけを設定してください。")
    try:
        entries = read_entries(Path(settings.TSA_LIST)) if settings.TSA_LIST else map(Entry, settings.TSA_URLS)
        return TimestampAuthorities(entries, trust=trust())
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error


@functools.cache
def recogniser() -> Recogniser | None:
    """Return the program that reads pictures, OCR_COMMAND; None where there is none.

    Raises ImproperlyConfigured when it does not know the languages it would be asked for.
    """
    if not settings.OCR_COMMAND:
        return None
    command = shutil.which(settings.OCR_COMMAND)
    known = _languages(command) if command else set()
    if command is None or not known.issuperset(settings.OCR_LANGUAGE.split("+")):
        raise ImproperlyConfigured(f"OCR_COMMAND が、{settings.OCR_LANGUAGE} の文字を読める Tesseract ではありません。")
    return Recogniser(command, settings.OCR_LANGUAGE)


def _languages(command: str) -> set[str]:
    try:
        told = subprocess.run([command, "--list-langs"], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return set()
    return set(told.stdout.splitlines()[1:])


@functools.cache
def keyring() -> Keyring:
    """Return the keys of the list, or else the one of the file, none opened yet.

    Raises ImproperlyConfigured, KeyUnusable.
    """
    if settings.SIGNING_KEYS:
        return Keyring(plans.read(_path("SIGNING_KEYS")))
    return Keyring(plans.single(_path("SIGNING_PKCS12"), settings.SIGNING_PKCS12_PASSPHRASE))


def appoint(owner: str, at: datetime, *, stopped: Mapping[str, str] = NONE_STOPPED) -> Appointed:
    """Choose who seals for an owner at a moment (see Keyring.key_for); raises SealingUnavailable, saying why."""
    key, known = keyring().key_for(owner, at, stopped=stopped)
    return Appointed(_sealer(key), known)


def sealer() -> Sealer:
    """Return the sealer with the key that signs now for whoever has none of their own."""
    return appoint("", network.now()).sealer


def warm() -> threading.Thread:
    """Do ahead, in a thread, what a process's first approval would wait for; return the thread, begun.

    That is: open the keys, know the timestamp authority, gather what proves them. What cannot be had is said in the
    log and left to that approval. Raises as `authorities` and `keyring` do.
    """
    # 仕事の糸と同時に二つずつ組み立てないよう、ここで組み立てておく
    known = authorities()
    owners = sorted(keyring().owners)
    thread = threading.Thread(target=_warm, args=(known, owners), name="signing-warm", daemon=True)
    thread.start()
    return thread


def _warm(known: TimestampAuthorities, owners: list[str]) -> None:
    _prepare("the timestamp authorities", known.prepare)
    for owner in owners:
        _prepare(f"the key of {owner or 'everyone'}", functools.partial(_prove, owner))


def _prove(owner: str) -> None:
    appoint(owner, network.now()).sealer.evidence()


def _prepare(what: str, prepare: Callable[[], object]) -> None:
    try:
        prepare()
    except SealingUnavailable as unavailable:
        logger.warning("%s cannot be prepared now: %s", what, unavailable)


@functools.cache
def _sealer(key: KeyBackend) -> Sealer:
    return Sealer(key, authorities())


def _path(name: str) -> Path:
    value = getattr(settings, name)
    if not value:
        raise ImproperlyConfigured(f"{name} が設定されていません。")
    return Path(value)
