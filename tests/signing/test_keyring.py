"""どの鍵が、だれのために、いつ署名するか。"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.embedded import pki as authority
from signing import network, setup
from signing.keys import KeyPlan, Keyring, KeyUnusable, Pkcs12Key, plans
from signing.refusals import SealingUnavailable
from tests.signing import keymaker

NOW = network.now()
DAY = timedelta(days=1)


@pytest.fixture
def make(tmp_path: Path):
    """Plan keys by name; each opens a real file once."""

    def one(name: str, *owners: str, wishes: dict | None = None, **span) -> KeyPlan:
        path = keymaker.file(tmp_path / f"{name}.p12", keymaker.p256(), name=name, **(wishes or {}))
        return KeyPlan(name, lambda at: Pkcs12Key(path, "secret", at=at), frozenset(owners), **span)

    return one


def who(ring: Keyring, owner: str, at: datetime = NOW, **stops) -> str:
    return ring.key_for(owner, at, **stops)[1].subject


def test_a_city_with_a_key_of_its_own_never_uses_the_shared_one(make):
    ring = Keyring([make("みんなの", ends_at=NOW + 9 * DAY), make("鳥栖の", "tosu", ends_at=NOW + DAY)])

    assert (who(ring, "tosu"), who(ring, "usuki")) == ("鳥栖の", "みんなの")
    with pytest.raises(SealingUnavailable, match="「鳥栖の」は使う期間が終わりました"):
        who(ring, "tosu", NOW + 2 * DAY)


def test_until_its_own_key_starts_a_city_uses_the_shared_one(make):
    ring = Keyring([make("みんなの"), make("鳥栖の", "tosu", "usuki", starts_at=NOW + DAY)])

    assert (who(ring, "tosu"), who(ring, "tosu", NOW + DAY)) == ("みんなの", "鳥栖の")
    assert who(ring, "usuki", NOW + DAY) == "鳥栖の"


def test_while_two_keys_overlap_the_newer_signs(make):
    ring = Keyring([make("新", starts_at=NOW), make("旧", starts_at=NOW - 9 * DAY, ends_at=NOW + DAY)])

    assert (who(ring, "tosu", NOW - DAY / 2), who(ring, "tosu")) == ("旧", "新")


def test_a_stopped_key_signs_nothing_and_the_overlapping_one_takes_its_place(make):
    old, new = make("旧", starts_at=NOW - DAY), make("新", starts_at=NOW)
    public_key = Keyring([new]).key_for("tosu", NOW)[1].public_key

    assert who(Keyring([old, new]), "tosu", stopped={public_key: "漏えい"}) == "旧"
    with pytest.raises(SealingUnavailable, match="「新」は止められています（漏えい）"):
        who(Keyring([new]), "tosu", stopped={public_key: "漏えい"})


def test_a_new_certificate_for_a_stopped_key_is_stopped_too(tmp_path: Path):
    key = keymaker.p256()
    paths = [keymaker.file(tmp_path / f"{name}.p12", key, name=name) for name in ("one", "two")]
    rings = [Keyring(plans.single(path, "secret")) for path in paths]
    first, second = (ring.key_for("tosu", NOW)[1] for ring in rings)

    assert first.fingerprint != second.fingerprint
    with pytest.raises(SealingUnavailable, match="止められています"):
        rings[1].key_for("tosu", NOW, stopped={first.public_key: "紛失"})


def test_the_configuration_may_stop_a_key(make):
    ring = Keyring([make("鍵", stopped_at=NOW, stopped_because="PIN が漏れた")])

    assert who(ring, "tosu", NOW - DAY / 2) == "鍵"
    with pytest.raises(SealingUnavailable, match="止められています（PIN が漏れた）"):
        who(ring, "tosu")


def test_a_certificate_that_ends_while_the_process_runs_signs_no_more(make):
    ring = Keyring([make("鍵", wishes={"days": 3})])

    assert who(ring, "tosu") == "鍵"
    with pytest.raises(SealingUnavailable, match="有効期限が切れました"):
        who(ring, "tosu", NOW + 3 * DAY)


def test_nobody_signs_with_somebody_elses_key(make):
    with pytest.raises(SealingUnavailable, match="設定されていません"):
        who(Keyring([make("鳥栖の", "tosu")]), "usuki")


def test_the_check_opens_what_signs_now_and_what_will(make):
    future = {"starts_at": NOW + 20 * DAY, "days": 30}
    ring = Keyring(
        [
            make("今", "tosu"),
            make("次", starts_at=NOW + 30 * DAY, wishes=future),
            make("早すぎる", starts_at=NOW + 10 * DAY, wishes=future),
            make("期限切れ", wishes={"starts_at": NOW - 3 * DAY, "days": 1}),
            make("終わった", ends_at=NOW, wishes={"starts_at": NOW - 3 * DAY, "days": 1}),
        ]
    )

    found = {plan.name: known for plan, known in ring.check(at=NOW)}

    assert set(found) == {"今", "次", "早すぎる", "期限切れ"}
    assert (found["今"].subject, found["今"].owners) == ("今", {"tosu"})
    assert found["次"].ends_at == future["starts_at"].replace(microsecond=0) + 30 * DAY
    assert "まで有効になりません" in str(found["早すぎる"])
    assert "有効期限が切れました" in str(found["期限切れ"])


def test_an_end_is_told_unless_another_key_goes_on(make):
    ring = Keyring(
        [
            make("旧", ends_at=NOW + 5 * DAY),
            make("新", starts_at=NOW + 4 * DAY, wishes={"days": 90}),
            make("鳥栖の", "tosu", wishes={"days": 40}),
            make("臼杵の", "usuki", ends_at=NOW + 3 * DAY),
            make("二市の", "usuki", "tosu", starts_at=NOW + 4 * DAY, wishes={"days": 30}),
        ]
    )

    assert [key.name for key in ring.ending(at=NOW)] == ["臼杵の", "二市の", "鳥栖の", "新"]


TOML = """
[[key]]
name = "shared-2026"
shared = true
ends_at = 2027-04-01T00:00:00+09:00
pkcs12 = { file = "shared.p12", passphrase_file = "secrets/passphrase" }

[[key]]
name = "tosu-2026"
owners = ["tosu"]
starts_at = 2026-01-01T00:00:00+09:00
stopped_at = 2026-02-01T00:00:00+09:00
stopped_because = "カードの紛失"
pkcs11 = { library = "/usr/lib/hsm.so", token = "tosu", pin_file = "secrets/pin", label = "a", certificates = "t.pem" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keymaker.file(tmp_path / "shared.p12", keymaker.p256(), name="共用")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/passphrase").write_text("secret\n")
    (tmp_path / "secrets/pin").write_text("1234")
    (tmp_path / "keys.toml").write_text(TOML)
    return tmp_path


def test_a_file_names_the_keys_and_only_points_at_secrets(folder: Path):
    shared, own = plans.read(folder / "keys.toml")

    assert (shared.owners, shared.ends_at) == (frozenset(), datetime(2027, 3, 31, 15, tzinfo=UTC))
    assert (own.owners, own.stopped_because) == ({"tosu"}, "カードの紛失")
    assert Keyring([shared]).key_for("usuki", NOW)[1].subject == "共用"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("shared = true", ""),
        ("shared = true", 'shared = true\nowners = ["tosu"]'),
        ("shared = true", "shared = true\nshare = true"),
        ('passphrase_file = "secrets/passphrase"', 'passphrase = "secret"'),
        ("secrets/passphrase", "secrets/none"),
        ("2027-04-01T00:00:00+09:00", "2027-04-01"),
        ('name = "tosu-2026"', 'name = "shared-2026"'),
        ('name = "shared-2026"', ""),
        (TOML, ""),
        (TOML, "["),
    ],
)
def test_a_mistake_in_the_file_is_refused(old: str, new: str, folder: Path):
    (folder / "keys.toml").write_text(TOML.replace(old, new, 1))

    with pytest.raises(KeyUnusable, match=r"鍵の設定 .*keys\.toml"):
        plans.read(folder / "keys.toml")


@pytest.fixture
def fresh():
    """Read the settings anew in this test, and again after it."""
    setup.keyring.cache_clear()
    yield
    setup.keyring.cache_clear()


def test_the_settings_name_a_list_of_keys_or_else_one_file(folder: Path, settings, fresh):
    settings.SIGNING_PKCS12, settings.SIGNING_PKCS12_PASSPHRASE = folder / "shared.p12", "secret"
    assert setup.keyring().key_for("tosu", NOW)[1].subject == "共用"

    settings.SIGNING_KEYS = str(folder / "keys.toml")
    setup.keyring.cache_clear()
    assert setup.keyring().key_for("usuki", NOW)[1].name == "shared-2026"

    settings.SIGNING_KEYS, settings.SIGNING_PKCS12 = "", None
    setup.keyring.cache_clear()
    with pytest.raises(ImproperlyConfigured, match="SIGNING_PKCS12"):
        setup.keyring()


def test_the_sealer_of_a_key_is_made_once(pki: authority.PkiPaths, settings, fresh):
    settings.SIGNING_KEYS, settings.SIGNING_PKCS12 = "", pki.pkcs12
    settings.SIGNING_PKCS12_PASSPHRASE = pki.passphrase.read_text()

    first, second = setup.appoint("tosu", NOW), setup.appoint("usuki", NOW)

    assert first.sealer is second.sealer
    assert first.key.subject == "Musubi Sign Dept."
