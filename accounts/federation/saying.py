"""What an identity provider said of somebody, once it is proved that it said so."""

from dataclasses import dataclass

LONGEST_SUBJECT, LONGEST_ADDRESS = 255, 254


class NotProven(Exception):
    """What came back does not prove who it is; the text tells an administrator why, and nobody else."""


@dataclass(frozen=True)
class Said:
    """A proved statement: the provider's own name of the person, and the address it gives them."""

    issuer: str
    subject: str
    address: str
    # アドレスがその人のものだと、認証基盤が確かめたか、市がそう認めているか
    is_sure: bool

    def __post_init__(self) -> None:
        if not (0 < len(self.subject) <= LONGEST_SUBJECT and self.subject.isprintable()):
            raise NotProven("認証基盤が、利用者の番号を正しい形で答えていません。")
        # 大文字にすると同じになる別の字（ı と i）で、ほかの人のアドレスに見せかけられないように
        if not (len(self.address) <= LONGEST_ADDRESS and self.address.isascii() and self.address.isprintable()):
            raise NotProven("認証基盤が、メールアドレスを正しい形で答えていません。")
