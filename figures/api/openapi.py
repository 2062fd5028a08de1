"""The description of the figures' API as an OpenAPI 3.1 document, written from what it answers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from figures import forecasts
from figures.provenance import Line
from figures.registry import GRAINS, KINDS

_TYPES = {
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "Decimal | None": {"type": ["number", "null"]},
    "datetime | None": {"type": ["string", "null"], "format": "date-time"},
}


def document(server: str) -> dict[str, Any]:
    """The whole document; ``server`` is the address that the paths begin at."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Figures of the city",
            "version": "1",
            "description": "Every number that the city publishes, with its definition and where it comes from.",
        },
        "servers": [{"url": server}],
        "paths": {
            "/api/figures/": _get("The catalogue of figures", [], {"figures": _array("#/components/schemas/Figure")}),
            "/api/figures/{figure}/": {
                "get": {
                    "summary": "One figure's definition",
                    "operationId": "figure",
                    "parameters": [_parameter("figure", "a code such as servicerequests.dispatches", place="path")],
                    "responses": _responses({"$ref": "#/components/schemas/Figure"}),
                }
            },
            "/api/figures/{figure}/forecast": {
                "get": {
                    "summary": "What a figure is likely to come to, with an interval of 80 %",
                    "operationId": "forecast",
                    "parameters": [
                        _parameter("figure", "a code such as servicerequests.dispatches", place="path"),
                        _parameter("by", "day or month", {"type": "string", "enum": list(forecasts.SEASON)}),
                        _parameter("until", "the last day, month or year that may be known: 2022-12-31"),
                    ],
                    "responses": _responses({"$ref": "#/components/schemas/Forecast"}),
                }
            },
            "/api/figures/values": _get(
                "Values with their provenance",
                [
                    _parameter("period", "2022, 2022-08 or 2022-08-05; several by commas"),
                    _parameter("from", "the first of several periods of one grain"),
                    _parameter("to", "the last of them"),
                    _parameter("figure", "codes by commas; all figures without it"),
                    _parameter("by", "a dimension to break down by"),
                    _parameter(
                        "format", "json, csv or parquet", {"type": "string", "enum": ["json", "csv", "parquet"]}
                    ),
                ],
                {"values": _array("#/components/schemas/Value")},
            ),
        },
        "components": {"schemas": {"Figure": _figure(), "Value": _value(), "Forecast": _forecast(), "Error": _error()}},
    }


def _parameter(name: str, says: str, schema: dict[str, Any] | None = None, place: str = "query") -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "description": says,
        "required": place == "path",
        "schema": schema or {"type": "string"},
    }


def _array(reference: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": reference}}


def _responses(schema: dict[str, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "200": {"description": "found", "content": {"application/json": {"schema": schema}}},
        "400": {"description": "a parameter is wrong; it is named", "content": error},
        "404": {"description": "there is no such figure", "content": error},
        "429": {"description": "too many requests; Retry-After says how long to wait", "content": error},
    }


def _get(summary: str, parameters: list[dict[str, Any]], properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    name = "catalogue" if "figures" in properties else "values"
    return {
        "get": {
            "summary": summary,
            "operationId": name,
            "parameters": parameters,
            "responses": _responses(schema),
        }
    }


def _value() -> dict[str, Any]:
    properties: dict[str, Any] = {field.name: dict(_TYPES[str(field.type)]) for field in fields(Line)}
    properties["kind"]["enum"] = list(KINDS)
    properties["grain"]["enum"] = list(GRAINS)
    return {"type": "object", "properties": properties, "required": list(properties)}


def _figure() -> dict[str, Any]:
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    both = ("label", "definition", "unit", "how", "kind_label", "law", "source")
    properties: dict[str, Any] = {f"{name}_{language}": text for name in both for language in ("zh", "en")}
    properties |= dict.fromkeys(("figure", "kind", "owner", "chapter", "definition"), text)
    properties |= dict.fromkeys(("parts", "dimensions", "periods"), texts)
    properties |= {"decimals": {"type": "integer"}, "is_manual": {"type": "boolean"}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _forecast() -> dict[str, Any]:
    text, number, maybe = {"type": "string"}, {"type": "number"}, {"type": ["string", "null"]}
    point = {"period": text, "value": number, "low": number, "high": number}
    values = {"type": "object", "properties": point, "required": list(point)}
    properties: dict[str, Any] = {
        "figure": text, "grain": text, "until": maybe, "method": maybe, "error": {"type": ["number", "null"]},
        "tried": {"type": "integer"}, "interval": number, "values": {"type": "array", "items": values},
    }  # fmt: skip
    return {"type": "object", "properties": properties, "required": list(properties)}


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    inner = {"type": "object", "properties": {"parameter": text, "reason": text}, "required": ["parameter", "reason"]}
    return {"type": "object", "properties": {"error": inner}, "required": ["error"]}
