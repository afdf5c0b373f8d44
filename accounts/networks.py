"""From which networks the people of an organization may work, by role; a list that is empty admits from everywhere.

A role with a list of its own goes by that list, every other by the list for all. Who holds several roles must be where
all of them may be.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

EVERYONE, API = "", "api"
LONGEST = 40
MAPPED = ip_network("::ffff:0:0/96")


def admits(lists: Mapping[str, list[str]], keys: Iterable[str], ip: str | None) -> bool:
    """Tell whether someone who acts under these keys (roles, or API) may ask from an address."""
    asked = [lists.get(key) or lists.get(EVERYONE) or [] for key in keys]
    return all(holds(networks, ip) for networks in asked if networks)


def holds(networks: Iterable[str], ip: str | None) -> bool:
    """Tell whether an address, IPv4 in whatever dress, lies in one of the networks; an unknown one lies in none."""
    if not ip:
        return False
    address = ip_address(ip)
    address = (address.version == 6 and address.ipv4_mapped) or address
    return any(address in network for network in map(ip_network, networks) if network.version == address.version)


def read(lines: Iterable[str]) -> list[str]:
    """Read networks (192.0.2.0/24, 2001:db8::/32, single addresses); raises ValueError naming the one that is none."""
    found: list[str] = []
    for line in lines:
        text = line.strip()
        if not text:
            continue
        try:
            network = _plain(ip_network(text, strict=False))
        except ValueError as unread:
            raise ValueError(text) from unread
        if str(network) not in found:
            found.append(str(network))
    return found


def _plain(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Undress an IPv4 network that is written as IPv6 (::ffff:192.0.2.0/120)."""
    if network.version == 6 and network.subnet_of(MAPPED):  # type: ignore[arg-type]
        mapped = network.network_address.ipv4_mapped
        return IPv4Network((int(mapped or 0), network.prefixlen - MAPPED.prefixlen))
    return network
