"""What can be reported: discovery, the list of services, and the questions of each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from cases.fields import Field
from cases.registry import Kind, kinds
from foundation.clock import today
from identity.doors import door
from organisation.pack import pack
from servicerequests.api.answers import TYPES
from servicerequests.api.endpoint import Call, Refusal, endpoint

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-30T00:00:00+08:00"  # when the form of these answers changed last


def discovery_of(call: Call) -> dict[str, Any]:
    """``discovery.xml``: where the API is, in which formats, and where a key comes from."""
    call.let_in("public:cases:track")
    city = pack().city
    return {
        "changeset": CHANGESET,
        "contact": " ".join(filter(None, (str(city.brand), city.phone, city.website))),
        "key_service": _("請到 %(page)s 看如何申請金鑰。") % {"page": call.address("/open311/")},
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": call.address("/open311/v2"),
                "changeset": CHANGESET,
                "type": "test" if settings.DEMO else "production",
                "formats": list(TYPES.values()),
            }
        ],
    }


def services_of(call: Call) -> list[dict[str, Any]]:
    """``services.xml``: the kinds that may be reported today, in the pack's order."""
    call.let_in("public:cases:track")
    on = today()
    return [
        {
            "service_code": kind.code,
            "service_name": kind.label,
            "description": kind.hint,
            "metadata": bool(kind.fields),
            "type": "realtime",
            "keywords": ",".join(kind.words),
            "group": str(kind.family.label),
        }
        for kind in kinds().values()
        if kind.active(on)
    ]


def definition_of(call: Call, code: str) -> dict[str, Any]:
    """``services/pothole.xml``: the questions of a kind, from its schema."""
    call.let_in("public:cases:track")
    kind = known_service(code)
    return {
        "service_code": kind.code,
        "attributes": [_attribute(order, field) for order, field in enumerate(kind.fields, 1)],
    }


def known_service(code: str) -> Kind:
    """The kind with that code, if it may be reported today. Raises Refusal 404."""
    kind = kinds().get(code)
    if kind is None or not kind.active(today()):
        raise Refusal(404, _("service_code：沒有「%(code)s」這項服務。") % {"code": code[:60]})
    return kind


def _attribute(order: int, field: Field) -> dict[str, Any]:
    datatype, words = _datatype(field)
    told = {
        "variable": True,
        "code": field.name,
        "datatype": datatype,
        "required": field.required,
        "datatype_description": field.hint or words,
        "order": order,
        "description": field.label,
    }
    if field.type == "choice":
        told["values"] = [{"key": choice.value, "name": choice.label} for choice in field.choices]
    elif field.type == "bool":
        told["values"] = [{"key": "true", "name": _("是")}, {"key": "false", "name": _("否")}]
    return told


def _datatype(field: Field) -> tuple[str, str]:
    """The standard's type for a question, and how to fill it in."""
    match field.type:
        case "number":
            return "number", _("數字")
        case "choice" | "bool":
            return "singlevaluelist", _("選一項")
        case "date":
            return "datetime", _("日期，例如 2022-03-05")
        case "time":
            return "string", _("時間，例如 21:30")
        case _:
            most = _("最多 %(most)d 個字") % {"most": field.max_length}
            return ("string" if field.max_length <= 200 else "text"), most


discovery = door("public:pages:read")(endpoint("discovery", get=discovery_of))
services = door("public:cases:track")(endpoint("services", get=services_of))
definition = door("public:cases:track")(endpoint("service_definition", get=definition_of))
