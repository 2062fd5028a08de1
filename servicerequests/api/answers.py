"""What is answered, in XML or JSON: one structure of plain values, written either way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

TYPES = {"xml": "text/xml", "json": "application/json"}  # as GeoReport v2 names them in its discovery
# What an item of a list is called in XML, by the list's name; JSON has no need of a name.
ITEMS = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
# What XML 1.0 cannot hold, not even escaped.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def written(fmt: str, root: str, data: Any) -> bytes:
    """The answer as bytes. ``root`` names the whole in XML; None becomes ``null`` or an empty element."""
    if fmt == "json":
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n']
    _element(parts, root, data)
    return "".join(parts).encode()


def _element(parts: list[str], name: str, value: Any) -> None:
    if value is None or value == "":
        parts.append(f"<{name}/>")
    elif isinstance(value, str):
        parts.append(f"<{name}>{_IMPOSSIBLE.sub('', value).translate(_ESCAPES)}</{name}>")
    elif isinstance(value, bool):
        parts.append(f"<{name}>{'true' if value else 'false'}</{name}>")
    elif isinstance(value, Mapping):
        parts.append(f"<{name}>")
        for key, inner in value.items():
            _element(parts, key, inner)
        parts.append(f"</{name}>")
    elif isinstance(value, list):
        parts.append(f"<{name}>")
        for inner in value:
            _element(parts, ITEMS[name], inner)
        parts.append(f"</{name}>")
    else:
        parts.append(f"<{name}>{value}</{name}>")
