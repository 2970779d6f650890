"""What the team does over HTTP becomes a record, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import Connection
from starlette.responses import Response

from app.system import SystemEntropy
from live.adapters.sql.audit import append, recording
from live.domain.audit import BRAND, Act, Doer, canonical, chain_of, make_act
from live.ports.clock import Clock, Entropy

if TYPE_CHECKING:
    from app.api.endpoint import Call, Endpoint

B = TypeVar("B", bound=Struct)

_PLAIN: Final = frozenset({bool, int, float, datetime, NoneType, UnsetType})


async def perform(endpoint: Endpoint[B], call: Call[B]) -> Response:
    """Run the handler of an act. The first thing it writes takes the record along; where it writes
    nothing itself, the record is written before the answer goes out. A problem leaves none.
    """
    chain = BRAND if call.found is None else chain_of(call.found.id)
    act = _act(endpoint, call)
    with recording(chain, act) as made:
        response = await endpoint.handler(call)
    if not made.is_written:
        await call.services.database.write(lambda connection: append(connection, chain, [act]))
    return response


@contextmanager
def signing_in(
    chain: str, by: Doer, clock: Clock, entropy: Entropy, **asked: object
) -> Iterator[None]:
    """Have what is written inside take along that somebody of the team came in."""
    act = make_act(
        "sign_in", by, clock.now(), entropy.salt, told={"asked": asked} if asked else {}, words={}
    )
    with recording(chain, act):
        yield


def note_operator(connection: Connection, action: str, at: datetime, **asked: object) -> None:
    """Write down what was done at the command line, in its own transaction."""
    entropy = SystemEntropy()
    act = make_act(
        action, Doer(None, "operator"), at, entropy.salt, told={"asked": asked}, words={}
    )
    append(connection, BRAND, [act])


def _act(endpoint: Endpoint[B], call: Call[B]) -> Act:
    plain, words = _parted(call.body, endpoint.told)
    asked = {**call.request.path_params, **plain}
    asked.pop("slug", None)
    services, person = call.services, call.caller.participant
    role = call.caller.role
    return make_act(
        f"{endpoint.method} {endpoint.path}",
        # Who signs in is nobody before and the owner afterwards.
        Doer(None if person is None else person.id, "owner" if role is None else role.value),
        services.clock.now(),
        services.entropy.salt,
        told={"asked": asked} if asked else {},
        words=words,
    )


def _parted(body: Struct, told: tuple[str, ...]) -> tuple[dict[str, object], dict[str, str]]:
    """What was chosen, and the words in fields that are ``told``. Any other text, a password say,
    leaves no trace."""
    plain: dict[str, object] = {}
    words: dict[str, str] = {}
    hints = get_type_hints(type(body), include_extras=True)
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if value is UNSET or value is None:
            continue
        if name in told:
            words[name] = value if isinstance(value, str) else canonical(value)
        elif _is_plain(hints[name]):
            plain[name] = _jsonable(value)
    return plain, words


def _is_plain(hint: Any) -> bool:
    """Whether what a field holds is a choice, a number or a moment, by its type."""
    origin = get_origin(hint)
    if origin is Literal or hint in _PLAIN:
        return True
    if origin is Annotated:
        return _is_plain(get_args(hint)[0])
    if origin in (Union, UnionType, list, tuple, dict, Mapping):
        return all(_is_plain(each) for each in get_args(hint) if each is not ...)
    return isinstance(hint, type) and issubclass(hint, Enum)


def _jsonable(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_jsonable(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _jsonable(each) for key, each in value.items()}
    return value.value if isinstance(value, Enum) else value
