import pytest
from django.db.transaction import TransactionManagementError

from accounts.tenancy import acting_for
from vault import fields, masters
from vault.models import TenantKey

KEY = "認証キー 1234-5678"


def test_a_sealed_text_opens_in_its_place(in_city):
    sealed = fields.seal(KEY, tenant_id=in_city, context="guarantee:7:key")

    assert KEY.encode() not in sealed
    assert fields.unseal(sealed, tenant_id=in_city, context="guarantee:7:key") == KEY
    assert sealed != fields.seal(KEY, tenant_id=in_city, context="guarantee:7:key")


def test_a_sealed_text_does_not_open_elsewhere(in_city):
    sealed = fields.seal(KEY, tenant_id=in_city, context="guarantee:7:key")

    with pytest.raises(fields.Damaged, match="復号できません"):
        fields.unseal(sealed, tenant_id=in_city, context="guarantee:8:key")


def test_a_sealed_text_does_not_open_for_another_city(in_city):
    sealed = fields.seal(KEY, tenant_id=in_city, context="guarantee:7:key")

    with acting_for(in_city + 1), pytest.raises(fields.Damaged):
        fields.unseal(sealed, tenant_id=in_city + 1, context="guarantee:7:key")


def test_a_city_key_does_not_open_under_another_citys_name(in_city):
    fields.seal(KEY, tenant_id=in_city, context="x")
    stolen = bytes(TenantKey.objects.get(tenant_id=in_city).wrapped_keyset)

    with acting_for(in_city + 1):
        TenantKey.objects.create(tenant_id=in_city + 1, wrapped_keyset=stolen)
        with pytest.raises(fields.Damaged):
            fields.seal(KEY, tenant_id=in_city + 1, context="x")


def test_an_altered_seal_is_damage(in_city):
    sealed = bytearray(fields.seal(KEY, tenant_id=in_city, context="x"))
    sealed[-1] ^= 1

    with pytest.raises(fields.Damaged):
        fields.unseal(bytes(sealed), tenant_id=in_city, context="x")


def test_a_secret_of_the_installation_opens_only_in_its_own_place(db):
    sealed = fields.seal_for_installation("JBSWY3DPEHPK3PXP", context="mfa")

    assert b"JBSWY3DPEHPK3PXP" not in sealed
    assert fields.unseal_for_installation(sealed, context="mfa") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(fields.Damaged):
        fields.unseal_for_installation(sealed, context="other")


def test_a_secret_sealed_by_the_master_key_itself_still_opens(db):
    before = masters.master().encrypt(b"JBSWY3DPEHPK3PXP", b"installation|mfa")

    assert fields.unseal_for_installation(before, context="mfa") == "JBSWY3DPEHPK3PXP"


def test_nothing_is_sealed_outside_the_transaction_that_keeps_it(tenant_id, transactional_db):
    with pytest.raises(TransactionManagementError, match="取引の中"):
        fields.seal(KEY, tenant_id=tenant_id, context="x")
