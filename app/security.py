"""What every answer carries so that a browser does with our pages only what we meant."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.network import Addresses, Visitor

YEAR_S: Final = 31_536_000

FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: that would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self),"
        " autoplay=(self), geolocation=(), payment=(), usb=()"
    ),
}


class Guard:
    """Outermost of the application: finds out who is there, and seals every answer.

    Puts the ``Visitor`` of the request into ``scope["state"]["visitor"]``.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = self._addresses.visitor(scope)
        scope.setdefault("state", {})["visitor"] = visitor
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = content_security_policy(visitor, self._addresses.hls_base)
        headers = FIXED | {"Content-Security-Policy": policy}
        if visitor.secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                for name, value in headers.items():
                    carried.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sealed)


def content_security_policy(visitor: Visitor, hls_base: str | None) -> str:
    """Everything from ourselves, nothing inline; pieces of HLS from where the operator has them.

    The socket is named besides ``'self'``, which older Safari does not take to cover ``wss:``.
    """
    sockets = ""
    if visitor.origin is not None:
        sockets = " ws" + visitor.origin.removeprefix("http")
    base = f" {hls_base}" if hls_base else ""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        f" media-src 'self' blob:{base}; connect-src 'self'{sockets}{base}; font-src 'self';"
        " frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"
    )
