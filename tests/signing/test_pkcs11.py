"""装置（SoftHSM2）の中の鍵: 署名し、失ったセッションを開き直し、fork の後も、多くの糸からも使える。"""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_der_x509_certificate

from config.embedded import pki as authority
from signing.keys import KeyUnusable, Pkcs11Key, Pkcs12Key, Slot
from signing.keys import pkcs11 as backend
from signing.refusals import SealingUnavailable
from signing.results import Verdict
from signing.sealing import Sealer
from signing.timestamps import TimestampAuthorities
from signing.trust import Trust
from signing.verification import verify
from tests.signing import keymaker
from tests.signing.conftest import approval
from tests.signing.softhsm import LABEL, LIBRARY, SoftHsm, pull_the_rug

DATA = b"signed attributes"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """Give this process one home of tokens: the library reads its setting once."""
    made = SoftHsm(tmp_path_factory.mktemp("softhsm"))
    made.create()
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(made.conf)
    yield made
    pkcs11.unload(str(LIBRARY))
    backend._library.cache_clear()
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="session")
def rsa_slot(home: SoftHsm) -> Slot:
    return home.token("rsa", rsa.generate_private_key(65537, 3072))


@pytest.fixture(scope="session")
def ec_slot(home: SoftHsm) -> Slot:
    return home.token("ec", keymaker.p256())


def new_tokens_are_seen() -> None:
    """SoftHSM lists its tokens when it starts."""
    backend._library(LIBRARY)._restart()


def key_in(home: SoftHsm, slot: Slot, label: str = LABEL) -> Pkcs11Key:
    new_tokens_are_seen()
    return Pkcs11Key(slot, label, certificates=home.pem(slot.token))


def assert_signs(key: Pkcs11Key, data: bytes = DATA) -> None:
    verifies(key, key.sign(data), data)


def verifies(key: Pkcs11Key, signature: bytes, data: bytes) -> None:
    public_key = load_der_x509_certificate(key.certificate.dump()).public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        public_key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    else:
        public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))


def test_an_rsa_3072_key_signs(home: SoftHsm, rsa_slot: Slot):
    key = key_in(home, rsa_slot)

    assert (key.algorithm, key.signature_size) == ("rsa-sha256", 384)
    assert_signs(key)


def test_a_p256_key_signs_in_der(home: SoftHsm, ec_slot: Slot):
    key = key_in(home, ec_slot)

    assert key.algorithm == "ecdsa-sha256"
    for turn in range(50):
        signature = key.sign(bytes([turn]))
        assert len(signature) <= key.signature_size
        verifies(key, signature, bytes([turn]))


def test_the_certificate_may_stand_in_the_token(home: SoftHsm):
    key = keymaker.p256()
    slot = home.token("whole", key, name="臼杵市")
    new_tokens_are_seen()
    with pytest.raises(KeyUnusable, match="証明書が一つに決まりません"):
        Pkcs11Key(slot, LABEL)

    home.store_certificate("whole", keymaker.certificate(key, name="臼杵市").public_bytes(Encoding.DER))

    new_tokens_are_seen()
    opened = Pkcs11Key(slot, LABEL)
    assert opened.certificate.subject.native["common_name"] == "臼杵市"
    assert_signs(opened)


def test_weak_keys_and_foreign_certificates_are_refused(home: SoftHsm, ec_slot: Slot):
    weak = home.token("weak", rsa.generate_private_key(65537, 2048))
    with pytest.raises(KeyUnusable, match="3072 ビット以上"):
        key_in(home, weak)

    home.token("other", keymaker.p256())
    with pytest.raises(KeyUnusable, match="鍵が対になっていません"):
        Pkcs11Key(ec_slot, LABEL, certificates=home.pem("other"))


def test_an_unknown_key_or_a_doubled_label_is_named(home: SoftHsm, ec_slot: Slot):
    with pytest.raises(KeyUnusable, match="が一つに決まりません"):
        key_in(home, ec_slot, "nobody")

    twice = home.token("twice", keymaker.p256())
    home.add("twice", keymaker.p256(), LABEL)
    with pytest.raises(KeyUnusable, match="が一つに決まりません"):
        key_in(home, twice)


def test_a_refused_pin_is_offered_once_only(home: SoftHsm, ec_slot: Slot, monkeypatch: pytest.MonkeyPatch):
    new_tokens_are_seen()
    wrong = Slot(LIBRARY, ec_slot.token, "0000")
    offered = []
    open_token = backend.pkcs11.lib(str(LIBRARY)).get_token

    class Counting:
        def __init__(self, library):
            self.library = library

        def get_token(self, **wanted):
            offered.append(wanted)
            return open_token(**wanted)

    monkeypatch.setattr(backend._Library, "_opened", lambda self: Counting(self))
    for _ in range(3):
        with pytest.raises(KeyUnusable, match="PIN を受け付けません"):
            Pkcs11Key(wrong, LABEL, certificates=home.pem(ec_slot.token))

    assert len(offered) == 1


def test_a_lost_session_is_opened_anew(home: SoftHsm, rsa_slot: Slot, ec_slot: Slot):
    keys = [key_in(home, rsa_slot), key_in(home, ec_slot)]

    pull_the_rug()

    for key in keys:
        assert_signs(key)


def test_a_finalized_library_is_initialized_anew(home: SoftHsm, ec_slot: Slot):
    key = key_in(home, ec_slot)

    pkcs11.lib(str(LIBRARY)).finalize()

    assert_signs(key)


def test_a_closed_session_is_opened_anew(home: SoftHsm, ec_slot: Slot):
    key = key_in(home, ec_slot)
    backend._library(LIBRARY)._logins[ec_slot].session.close()

    assert_signs(key)


def test_a_removed_token_makes_signing_wait_until_it_is_back(home: SoftHsm):
    slot = home.token("removable", keymaker.p256())
    key = key_in(home, slot)
    away = home.home / "away"
    home.tokens.rename(away)
    home.tokens.mkdir()
    pull_the_rug()

    with pytest.raises(SealingUnavailable, match="自動で続けます") as refused:
        key.sign(DATA)
    assert not isinstance(refused.value, KeyUnusable)

    home.tokens.rmdir()
    away.rename(home.tokens)
    assert_signs(key)


def test_a_token_that_came_back_with_another_key_is_noticed(home: SoftHsm):
    slot = home.token("replaced", keymaker.p256())
    key = key_in(home, slot)
    home._run("--delete-token", "--token", "replaced")
    home.token("replaced", keymaker.p256())
    pull_the_rug()

    with pytest.raises(KeyUnusable, match="鍵が対になっていません"):
        key.sign(DATA)


def test_many_threads_share_the_session(home: SoftHsm, rsa_slot: Slot, ec_slot: Slot):
    keys = [key_in(home, rsa_slot), key_in(home, ec_slot)]
    together = threading.Barrier(8)

    def work(turn: int) -> None:
        together.wait()
        for each in range(10):
            data = f"{turn}:{each}".encode()
            verifies(keys[turn % 2], keys[turn % 2].sign(data), data)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert len(backend._library(LIBRARY)._logins) <= 2


def in_a_child(work) -> int:
    """Fork, do work in the child, and return its exit status."""
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            work()
        except BaseException:  # noqa: BLE001 - 子は、何があっても試験の続きをしてはならない
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # Python 3.12 から
def test_a_forked_child_opens_a_session_of_its_own(home: SoftHsm, rsa_slot: Slot):
    key = key_in(home, rsa_slot)
    assert_signs(key)

    def work() -> None:
        assert backend._library(LIBRARY)._logins == {}
        assert_signs(key)

    assert [in_a_child(work) for _ in range(3)] == [0, 0, 0]
    assert_signs(key)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # Python 3.12 から
def test_a_child_forked_while_another_thread_signs_is_not_held_up(home: SoftHsm, rsa_slot: Slot):
    key = key_in(home, rsa_slot)

    with backend._library(LIBRARY)._lock:
        assert in_a_child(lambda: assert_signs(key)) == 0


def test_a_library_that_is_not_there_makes_signing_wait(home: SoftHsm, ec_slot: Slot, tmp_path: Path):
    nowhere = Slot(tmp_path / "none.so", "ec", ec_slot.pin)

    with pytest.raises(SealingUnavailable, match="使えません"):
        Pkcs11Key(nowhere, LABEL, certificates=home.pem("ec"))


def test_the_pin_is_not_shown(ec_slot: Slot):
    assert ec_slot.pin not in repr(ec_slot)


@pytest.mark.parametrize("name", ["signer", "p256"])
def test_a_contract_signed_in_a_token_that_restarts_between_its_signatures_is_valid(
    name: str, home: SoftHsm, pki: authority.PkiPaths, contract: bytes
):
    file = Pkcs12Key(pki.directory / f"{name}.p12", pki.passphrase.read_text())
    private = load_pem_private_key((pki.directory / f"keys/{name}.pem").read_bytes(), None)
    slot = home.token(f"pki-{name}", private)
    certificates = [load_der_x509_certificate(each.dump()) for each in (file.certificate, *file.chain)]
    home.pem(slot.token).write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in certificates))
    trust = Trust.load([pki.trust_roots], [pki.chain])
    sealer = Sealer(key_in(home, slot), TimestampAuthorities([pki.tsa_url], trust=trust))

    first = sealer.approve(contract, approval(0), final=False)
    pull_the_rug()
    last = sealer.approve(first.standing, approval(1), final=True)

    report = verify(contract + first.tail + last.tail, trust=Trust.load([pki.trust_roots]))
    assert (report.verdict, report.problems) == (Verdict.VALID, ())
