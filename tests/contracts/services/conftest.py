from tests.contracts.links.conftest import tosu

__all__ = ["tosu"]
