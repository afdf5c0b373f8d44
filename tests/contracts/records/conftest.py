"""The browser of the mailed links, and the case behind them."""

from tests.contracts.links.conftest import browser, tosu

__all__ = ["browser", "tosu"]
