"""Who is asking: a plain value that travels from the edge to every service."""

from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    # 市のほかの仕組みが、担当の職員の名の下に、トークンで動く
    API = "api"
    CONTRACTOR = "contractor"
    ORDERER = "orderer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Someone acting in one municipality: a member of staff, the holder of a mailed link, or the system."""

    kind: ActorKind
    tenant_id: int
    name: str
    email: str = ""
    ip: str | None = None
    user_id: int | None = None
    department_id: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    organization_name: str = ""
    # リンクで来た人: そのリンクが許す用件と対象だけを見られる。
    purpose: str = ""
    link_id: int | None = None
    user_agent: str = ""
    # 二要素認証が要る役割なのに、まだ設定していない人。設定の頁のほかは開けない
    lacks_factor: bool = False
    # 立ち入っている運営者: 見ることだけができる。
    visit_id: int | None = None

    def has(self, *roles: str) -> bool:
        """Tell whether this person holds any of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        return self.kind in {ActorKind.STAFF, ActorKind.API}

    @property
    def is_visiting(self) -> bool:
        return self.visit_id is not None

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM


def system(tenant_id: int) -> Actor:
    """Make the actor of work that nobody pressed a button for (workers, sweeps)."""
    return Actor(kind=ActorKind.SYSTEM, tenant_id=tenant_id, name="むすび（自動処理）")
