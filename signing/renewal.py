# mypy: disable-error-code="no-untyped-call"
"""文書タイムスタンプを重ねて、証拠を先へ延ばす（PAdES、ETSI EN 319 142-1 5.5）。既にあるバイトには触れようがない。"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from asn1crypto import x509
from pyhanko_certvalidator.errors import RevokedError

from signing import sealable
from signing.growth import Growth, Sealed, check_free, ending, grown
from signing.refusals import SealingRefused, SealingUnavailable
from signing.revocation import Evidence, EvidenceStore
from signing.sealable import Body
from signing.standing import Standing
from signing.timestamps import TimestampAuthorities
from signing.timestamps.authority import PURPOSE

logger = logging.getLogger(__name__)
NO_STAMP = "延長する文書タイムスタンプがない文書です。"
# RFC 3161 4.1: 失効の理由がこれらなら、それまでに出したタイムスタンプは有効なまま。理由を書かない失効は、すべてを
# 無効にする。それと見分けられない「unspecified」は、入れない。
HARMLESS = {"affiliation_changed", "superseded", "cessation_of_operation"}


def renew(source: Standing | Body, *, authorities: TimestampAuthorities, at: datetime) -> Sealed:
    """Append a document timestamp that lasts longer than the newest one, and what proves that one was good until now.

    A standing is trusted as in Sealer.approve. Raises SealingUnavailable while no authority's certificate lasts
    longer, SealingRefused when there is no document timestamp or its authority is revoked with harm.
    """
    standing = source if isinstance(source, Standing) else sealable.sealable(source)
    if not standing.stamp:
        raise SealingRefused(NO_STAMP)
    name = f"TIMESTAMP_{at.astimezone(UTC):%Y%m%d%H%M%S}"
    check_free(standing, name)
    chain = [x509.Certificate.load(each) for each in standing.stamp]
    earlier = _proof(chain, authorities.store)
    until = ending([each for one in earlier for each in one.path] or chain)

    def grow(growth: Growth) -> None:
        growth.outlast(until)
        growth.stamp(name, *earlier)

    return grown(standing, authorities, grow)


def _proof(chain: Sequence[x509.Certificate], store: EvidenceStore) -> list[Evidence]:
    """Return what proves now that an authority is good; nothing when that can no longer be had.

    The document holds what proved it when the timestamp was made; only a harmful revocation speaks against renewing.
    """
    try:
        return [store.of(chain[0], chain[1:], extended_key_usage=PURPOSE)]
    except SealingUnavailable as error:
        revoked = error.__cause__
        if isinstance(revoked, RevokedError) and revoked.reason.native not in HARMLESS:
            raise SealingRefused(f"前の文書タイムスタンプを延長できません。{error}") from error
        logger.warning("renewing without fresh evidence for the authority before: %s", error)
        return []
