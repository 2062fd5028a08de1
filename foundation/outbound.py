"""Requests to addresses that others give: to the world, and not into the city's own network (CWE-918).

An agency writes the address of its system into a register, and a worker within the walls calls it. So a name is
resolved here, each of its addresses is looked at, and the connection goes to the very address that was looked at: a
name that answers differently the second time leads nowhere else. What lies within and is meant to be called, the
operator names (``CITYHALL_OUTBOUND_NETWORKS``). Redirects are not followed. Where the environment names a proxy, the
proxy connects, and what it may reach is its own to say.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Inward(requests.exceptions.InvalidURL):
    """The address leads into a network that is not to be called."""


class _Inward(ValueError):
    """The same below requests, where every OSError counts as a connection that failed and is tried again."""


def is_outward(address: str, allowed: Iterable[str] = ()) -> bool:
    """Whether an IP address lies in the world's network, or in one of those allowed (``10.1.0.0/16``).

    What wraps an address of IPv4 (mapped, 6to4, NAT64) counts as that one as well.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    every = [found, *_within(found)]
    networks = [ipaddress.ip_network(each) for each in allowed]
    return all(
        (each.is_global and not each.is_multicast) or any(each in network for network in networks) for each in every
    )


def _within(address: Address) -> list[Address]:
    """The address of IPv4 that one of IPv6 carries."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return [each for each in (address.ipv4_mapped, address.sixtofour, nat64) if each]


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _outward(host: str, port: int) -> str:
    """The address to which a name leads. Raises _Inward if any of its addresses is not to be called."""
    found = {str(entry[4][0]): None for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(is_outward(address, settings.OUTBOUND_NETWORKS) for address in found):
        raise _Inward(f"{host} lies in a network that is not called")
    return next(iter(found))


class _Guarded(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        # The certificate is still asked for by name: only where the connection goes is exchanged, for this moment.
        name = self._dns_host
        try:
            self._dns_host = _outward(name, self.port)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(name, self, socket.gaierror(str(error))) from error
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _GuardedByTLS(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _PoolByTLS(HTTPSConnectionPool):
    ConnectionCls = _GuardedByTLS


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolByTLS}


def request(method: str, address: str, *, timeout: float, **what: Any) -> requests.Response:
    """Call an address that somebody else gave. ``timeout`` in seconds, for the connection and for each pause.

    Raises ``requests.RequestException``; ``Inward`` where it leads into a network that is not to be called.
    """
    with requests.Session() as session:
        session.mount("http://", _Adapter())
        session.mount("https://", _Adapter())
        try:
            return session.request(method, address, timeout=timeout, allow_redirects=False, **what)
        except _Inward as inward:
            raise Inward(str(inward)) from None
