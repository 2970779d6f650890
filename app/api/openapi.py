"""The OpenAPI document, made from the same endpoints that the routes are made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from app.api.endpoint import API, ROLES, Blob, Endpoint, Nothing, Parameter, Who
from app.problems import CATALOGUE, Problem
from live.wire.schema import Book, Schema

Endpoints = Iterable[Endpoint[Any]]

_DEFS: Final = "#/$defs/"
_SCHEMAS: Final = "#/components/schemas/"
_ACCESS: Final = "x-causerie-who"

DESCRIPTION: Final = """\
Everything a page of Causerie does, and everything your own client may do. Errors are RFC 9457
problem details with a stable `code`. A bearer token beats cookies; a write with a cookie needs our
`Origin`. `POST …/whip`, `…/whep` and the legs answer CORS preflights, for bearer tokens alone.
The socket is described by `/api/v1/asyncapi.json`."""


class ApiBook(Book):
    """The wire's book of schemas, which knows moments too."""

    def of(self, annotation: Any) -> Schema:
        """The schema of an annotation; moments are RFC 3339 with a zone."""
        if annotation is datetime:
            return {"type": "string", "format": "date-time"}
        return super().of(annotation)


def document(endpoints: Endpoints, version: str) -> bytes:
    """The document in JSON (OpenAPI 3.1)."""
    book = ApiBook()
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, book)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Causerie",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": API}],
        "paths": paths,
        "components": {
            "schemas": {**dict(sorted(book.named.items())), "Problem": _problem_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "causerie_s_{slug}"},
                "owner": {"type": "apiKey", "in": "cookie", "name": "causerie_owner"},
            },
        },
    }
    return msgspec.json.encode(made).replace(_DEFS.encode(), _SCHEMAS.encode())


def error_codes(endpoint: Endpoint[Any]) -> tuple[str, ...]:
    """Every code that an endpoint may answer with, in the order of their status."""
    codes = {"internal", "unavailable", "not_authenticated", *endpoint.errors}
    if "{slug}" in endpoint.path:
        codes |= {"not_found"}
    if endpoint.who in ROLES and endpoint.who is not Who.PARTICIPANT:
        codes |= {"forbidden"}
    if endpoint.who in ROLES and "{slug}" in endpoint.path:
        codes |= {"banned"}
    if endpoint.method != "GET":
        codes |= {"origin"}
    if endpoint.body is Blob:
        codes |= {"media_type", "too_large", "timeout"}
    elif endpoint.body is not Nothing:
        codes |= {"malformed", "invalid", "media_type", "too_large", "timeout"}
    if any(parameter.place == "query" for parameter in endpoint.parameters):
        codes |= {"invalid"}
    return tuple(sorted(codes, key=lambda code: (CATALOGUE[code].status, code)))


def _operation(endpoint: Endpoint[Any], book: ApiBook) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": _name(endpoint),
        _ACCESS: endpoint.who.value,
        "parameters": [*_path_parameters(endpoint.path), *map(_parameter, endpoint.parameters)],
        "responses": {str(endpoint.status): _answer(endpoint, book), **_errors(endpoint)},
    }
    if endpoint.who in ROLES:
        operation["security"] = [{"bearer": []}, {"session": []}, {"owner": []}]
    if endpoint.body is Blob:
        content: Mapping[str, Any] = {kind: {} for kind in endpoint.media_types}
        operation["requestBody"] = {"required": True, "content": content}
    elif endpoint.body is not Nothing:
        body: dict[str, Any] = {"schema": book.of(endpoint.body)}
        if endpoint.example is not None:
            body["example"] = endpoint.example
        operation["requestBody"] = {
            "required": not endpoint.lenient,
            "content": {"application/json": body},
        }
    return operation


def _answer(endpoint: Endpoint[Any], book: ApiBook) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.answer_headers:
        answer["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in endpoint.answer_headers.items()
        }
    if isinstance(endpoint.answer, str):
        answer["content"] = {endpoint.answer: {}}
    elif endpoint.answer is not None:
        answer["content"] = {"application/json": {"schema": book.of(endpoint.answer)}}
    return answer


def _errors(endpoint: Endpoint[Any]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in error_codes(endpoint):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {CATALOGUE[code].title}" for code in codes),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": f"{_SCHEMAS}Problem"},
                    "examples": {code: {"value": _example(code)} for code in codes},
                }
            },
        }
        for status, codes in by_status.items()
    }


def _example(code: str) -> dict[str, Any]:
    problem = Problem(code, f"{CATALOGUE[code].title}.")
    told: dict[str, Any] = msgspec.json.decode(bytes(problem.response().body))
    return told


def _problem_schema() -> Schema:
    return {
        "type": "object",
        "description": "RFC 9457 problem details; `code` is stable, `detail` is for a person.",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"enum": list(CATALOGUE)},
            "retry_after_s": {"type": "number"},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _name(endpoint: Endpoint[Any]) -> str:
    words = re.findall(r"\w+", endpoint.path.replace(".", "_"))
    return "_".join((endpoint.method.lower(), *words))
