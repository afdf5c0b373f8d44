"""署名の鍵: どこにあっても同じ顔をし、使えないものは使う前に断る。"""

from signing.keys.backend import Algorithm, KeyBackend, KeyUnusable
from signing.keys.keyring import KeyPlan, Keyring, KnownKey
from signing.keys.pkcs11 import Pkcs11Key, Slot
from signing.keys.pkcs12 import Pkcs12Key

__all__ = ["Algorithm", "KeyBackend", "KeyPlan", "KeyUnusable", "Keyring", "KnownKey", "Pkcs11Key", "Pkcs12Key", "Slot"]
