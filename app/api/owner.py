"""The owner: who am I, sign in, sign out, the password."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.responses import Response

from app.accounts import PASSWORD_MAX, PASSWORD_MIN, SIGN_IN_LIFE
from app.api.endpoint import Call, Endpoint, Nothing, Who, json, nothing
from app.api.people import remember
from app.auth import OWNER_COOKIE
from app.network import Visitor
from app.problems import Problem
from live.wire import shapes


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's password."""

    password: str


class ChoosePassword(Struct, frozen=True, forbid_unknown_fields=True):
    """A new password; ``current`` is asked once there is one."""

    password: str
    current: str | None = None


class ServerInfo(shapes.Shape, frozen=True):
    """What runs here."""

    version: str


class Me(shapes.Shape, frozen=True):
    """Who this browser is to the installation."""

    owner: bool
    has_password: bool
    server: ServerInfo


async def _me(call: Call[Nothing]) -> Response:
    answer = Me(
        owner=call.caller.is_owner,
        has_password=await call.services.accounts.has_password(),
        server=ServerInfo(version=call.services.version),
    )
    return json(answer)


async def _sign_in(call: Call[SignIn]) -> Response:
    _count_try(await call.services.sign_ins.take(call.visitor.network))
    token = await call.services.accounts.sign_in(call.body.password[:PASSWORD_MAX])
    if token is None:
        raise Problem("wrong_password", "The password is wrong, or none was chosen yet.")
    return signed_in(nothing(), call.visitor, token)


async def _sign_out(call: Call[Nothing]) -> Response:
    response = nothing()
    if token := call.cookies.get(OWNER_COOKIE):
        await call.services.accounts.sign_out(token)
    response.delete_cookie(OWNER_COOKIE, path="/", httponly=True, samesite="lax")
    return response


async def _choose_password(call: Call[ChoosePassword]) -> Response:
    accounts, body = call.services.accounts, call.body
    if len(body.password) < PASSWORD_MIN:
        raise Problem("invalid", f"A password has at least {PASSWORD_MIN} characters.")
    if len(body.password) > PASSWORD_MAX:
        raise Problem("too_long", f"A password has at most {PASSWORD_MAX} characters.")
    # The token of the settings stands above the password: it may replace a forgotten one.
    if call.caller.via == "cookie" and await accounts.has_password():
        _count_try(await call.services.sign_ins.take(call.visitor.network))
        if not await accounts.is_password((body.current or "")[:PASSWORD_MAX]):
            raise Problem("wrong_password", "The current password is another one.")
    await accounts.set_password(body.password, keep=call.cookies.get(OWNER_COOKIE))
    return nothing()


def signed_in(response: Response, visitor: Visitor, token: str) -> Response:
    """The same answer, with the owner's cookie."""
    remember(response, visitor, OWNER_COOKIE, token, days=SIGN_IN_LIFE.days)
    return response


def _count_try(wait_s: float) -> None:
    if wait_s > 0:
        raise Problem("rate_limited", "Too many tries; wait a little.", retry_after_s=wait_s)


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/me",
        summary="Who this browser is to the installation.",
        who=Who.ANYONE,
        handler=_me,
        body=Nothing,
        answer=Me,
    ),
    Endpoint(
        method="POST",
        path="/owner/sign-in",
        summary="Sign in as the owner.",
        who=Who.ANYONE,
        handler=_sign_in,
        body=SignIn,
        audited=True,  # nobody's yet, and the owner's once it is done
        status=204,
        errors=("wrong_password", "rate_limited"),
        example={"password": "correct horse battery staple"},
        answer_headers={"Set-Cookie": "The owner's cookie, HttpOnly and SameSite=Lax."},
    ),
    Endpoint(
        method="POST",
        path="/owner/sign-out",
        summary="Sign out in this browser.",
        who=Who.OWNER,
        handler=_sign_out,
        body=Nothing,
        status=204,
    ),
    Endpoint(
        method="POST",
        path="/owner/password",
        summary="Choose the owner's password; every other sign-in ends.",
        who=Who.OWNER,
        handler=_choose_password,
        body=ChoosePassword,
        status=204,
        errors=("wrong_password", "too_long", "rate_limited"),
        example={"password": "correct horse battery staple", "current": "the one before"},
    ),
)
