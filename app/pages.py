"""Pages: the built HTML with what only the server knows put into its head.

The pages themselves decide nothing about access: who may not have one gets a notice in its place,
and outsiders of a private session are told what they would be told of none at all.
"""

from __future__ import annotations

import functools
import gzip
import html
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.accounts import is_owner_link
from app.api.endpoint import identify
from app.api.owner import signed_in
from app.api.people import remember
from app.audit.acts import signing_in
from app.auth import DEVICE_COOKIE, Caller, session_cookie
from app.entry import Wishes
from app.keys import token_hash
from app.network import Visitor
from app.problems import CATALOGUE, Problem
from live.domain.audit import BRAND, Doer
from live.domain.ids import PersonId
from live.domain.people import Role
from live.ports.store import SessionRecord

if TYPE_CHECKING:
    from app.services import Services

DIST: Final = Path(__file__).with_name("web") / "dist"
MARK: Final = "<!--causerie:head-->"
LANGUAGES: Final = ("en", "fr")
LANGUAGE_COOKIE: Final = "causerie_lang"
DESCRIPTION_MAX: Final = 200
YEAR_S: Final = 31_536_000
COMPRESSED: Final = (".js", ".css", ".svg", ".json")
PAGES: Final = ("home", "viewer", "host", "moderate", "overlay", "replay", "notice")

NOTICE_OF: Final[Mapping[str, str]] = {
    "invite_unknown": "not_found",
    "not_found": "not_found",
    "forbidden": "forbidden",
    "not_authenticated": "forbidden",
    "banned": "forbidden",
    "invite_revoked": "revoked",
    "invite_expired": "gone",
    "invite_used_up": "gone",
    "link_used": "gone",
}
"""The notice that stands for a problem; ``error`` where none is named."""

STAFF_PAGES: Final[Mapping[str, frozenset[Role]]] = {
    "host": frozenset({Role.OWNER, Role.HOST}),
    "moderate": frozenset({Role.OWNER, Role.HOST, Role.MODERATOR}),
}
HOME_OF: Final[Mapping[Role, str]] = {
    Role.OWNER: "/host",
    Role.HOST: "/host",
    Role.MODERATOR: "/moderate",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page is called, in its tab and where its link is shared."""

    title: str
    description: str
    url: str | None = None
    image: str | None = None


class Pages:
    """The built pages, read once; without them every address says how to build them."""

    def __init__(self, folder: Path = DIST) -> None:
        self._templates: dict[str, str] = {}
        for name in PAGES:
            file = folder / f"{name}.html"
            if file.is_file():
                self._templates[name] = file.read_text("utf-8")

    def render(
        self, name: str, *, language: str, preview: Preview, code: str = "", status: int = 200
    ) -> Response:
        """A page; ``code`` tells its script which notice it is."""
        template = self._templates.get(name)
        if template is None:
            return Response(
                "The pages of Causerie are not built here: run `pip install .` in its source"
                " folder, which builds them, and start again.\n",
                status_code=503,
                media_type="text/plain",
            )
        opening = f'<html lang="{language}" data-page-code="{html.escape(code)}">'
        page = re.sub(r"<html\b[^>]*>", opening, template, count=1)
        page = page.replace(MARK, _head(preview), 1)
        return Response(
            page,
            status_code=status,
            media_type="text/html",
            headers={"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"},
        )


@functools.cache
def _gzipped(path: str) -> bytes:
    """A built file, compressed once: its name changes with its content."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class Assets(StaticFiles):
    """Files whose names change with their content: kept by browsers for good. Text goes out
    compressed, a third of its size: on 400 kb/s that is seconds."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = str(full_path)
        if response.status_code == HTTPStatus.OK and path.endswith(COMPRESSED):
            if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                kind = response.media_type
                response = Response(_gzipped(path), media_type=kind)
                response.headers["Content-Encoding"] = "gzip"
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        return response


class Site:
    """Everything that is opened in a browser by its address."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    def routes(self, assets: Path = DIST / "assets") -> list[BaseRoute]:
        """The pages' routes; ``assets`` may be absent while they are not built."""
        return [
            Route("/", self._home),
            Route("/s/{slug}", self._session_page("viewer")),
            Route("/s/{slug}/host", self._session_page("host")),
            Route("/s/{slug}/moderate", self._session_page("moderate")),
            Route("/s/{slug}/overlay", self._session_page("overlay")),
            Route("/s/{slug}/replay", self._session_page("replay")),
            Route("/join/{token}", self._join),
            Route("/brand.css", self._brand_css),
            Mount("/assets", Assets(directory=assets, check_dir=False)),
        ]

    def notice(self, request: Request, problem: Problem) -> Response:
        """The designed page of a problem."""
        code = NOTICE_OF.get(problem.code, "error")
        brand = self._services.brands.current
        preview = Preview(f"{CATALOGUE[problem.code].title} · {brand.name}", problem.detail)
        response = self._pages.render(
            "notice",
            language=language_of(request),
            preview=preview,
            code=code,
            status=problem.status,
        )
        response.headers.update(
            {name: value for name, value in problem.headers.items() if name == "Retry-After"}
        )
        return response

    async def _home(self, request: Request) -> Response:
        request.state.template = "/"
        brand = self._services.brands.current
        visitor: Visitor = request.state.visitor
        return self._pages.render(
            "home",
            language=language_of(request),
            preview=Preview(brand.name, brand.description, url=f"{self._base(visitor)}/"),
        )

    def _session_page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        template = "/s/{slug}" + ("" if name == "viewer" else f"/{name}")

        async def page(request: Request) -> Response:
            request.state.template = template
            session, caller = await self._enter(request)
            roles = STAFF_PAGES.get(name)
            if roles is not None and caller.role not in roles:
                raise Problem("forbidden", "This page is for the team of the session.")
            return self._pages.render(
                name,
                language=language_of(request),
                preview=self._preview(session, request.state.visitor),
            )

        return page

    async def _enter(self, request: Request) -> tuple[SessionRecord, Caller]:
        session = await self._services.entry.session(request.path_params["slug"])
        if session is None:
            raise Problem("not_found", "There is no such session.")
        return session, await identify(self._services, request, session)

    def _preview(self, session: SessionRecord, visitor: Visitor) -> Preview:
        brand, base = self._services.brands.current, self._base(visitor)
        image = f"{base}{brand.logo_url}" if brand.logo_url else None
        text = " ".join((session.description or brand.description).split())
        return Preview(
            title=f"{session.title} · {brand.name}",
            description=text[:DESCRIPTION_MAX],
            url=f"{base}/s/{session.slug}",
            image=image,
        )

    async def _join(self, request: Request) -> Response:
        request.state.template = "/join/{invite}"
        token = request.path_params["token"]
        if request.method == "HEAD":
            # Link checkers ask so; an invite is used by those who come.
            return Response(headers={"Cache-Control": "no-store"})
        if is_owner_link(token):
            return await self._join_as_owner(request, token)
        services, visitor = self._services, request.state.visitor
        wait_s = await services.joins.take(visitor.network)
        if wait_s > 0:
            raise Problem("rate_limited", "Too many joins from here.", retry_after_s=wait_s)
        invite = await services.directory.find_invite(token_hash(token))
        room = None if invite is None else await services.rooms.get(invite.session_id)
        session = None if room is None else await services.entry.session(room.slug)
        if session is None:
            raise Problem("invite_unknown", "This invite is not known here.")
        caller = await services.authenticator.identify(request, session)
        person = services.authenticator.person_of(request.cookies)
        person = person or PersonId(services.entropy.new_id())
        wishes = Wishes(language=None if caller.participant else language_of(request))
        entered = await services.entry.enter(session, caller, person, wishes, token)
        role = entered.participant.role
        overlay = request.query_params.get("to") == "overlay"
        page = "/overlay" if overlay else HOME_OF.get(role, "")
        response = _redirect(f"/s/{session.slug}{page}")
        remember(response, visitor, session_cookie(session.slug), entered.token)
        if role is not Role.OWNER:
            device = services.authenticator.device_cookie(entered.participant.person_id or person)
            remember(response, visitor, DEVICE_COOKIE, device)
        return response

    async def _join_as_owner(self, request: Request, link: str) -> Response:
        services = self._services
        owner = Doer(None, Role.OWNER.value)
        with signing_in(BRAND, owner, services.clock, services.entropy, link="one-time"):
            token = await services.accounts.redeem(link)
        if token is None:
            raise Problem("link_used", "Ask for a fresh one with: causerie owner-link")
        return signed_in(_redirect("/"), request.state.visitor, token)

    async def _brand_css(self, request: Request) -> Response:
        request.state.template = "/brand.css"
        accent = self._services.brands.current.accent
        return Response(
            "" if accent is None else accent.css(),
            media_type="text/css",
            headers={"Cache-Control": "no-cache"},
        )

    def _base(self, visitor: Visitor) -> str:
        return self._services.addresses.base(visitor)


def language_of(request: Request) -> str:
    """The language a page begins in: as chosen, else as the browser prefers, else English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wishes: list[tuple[float, str]] = []
    for item in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = item.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    wishes.sort(key=lambda wish: wish[0], reverse=True)
    return next((tag for _, tag in wishes if tag in LANGUAGES), LANGUAGES[0])


def _redirect(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def _head(preview: Preview) -> str:
    """Title and link preview, every value escaped."""
    tags = {"og:title": preview.title, "og:type": "website"}
    if preview.description:
        tags["og:description"] = preview.description
    if preview.url:
        tags["og:url"] = preview.url
    if preview.image:
        tags["og:image"] = preview.image
    lines = [f"<title>{html.escape(preview.title)}</title>"]
    if preview.description:
        lines.append(f'<meta name="description" content="{html.escape(preview.description)}">')
    lines += [
        f'<meta property="{name}" content="{html.escape(value)}">' for name, value in tags.items()
    ]
    lines.append('<meta name="twitter:card" content="summary">')
    lines.append('<link rel="stylesheet" href="/brand.css">')
    return "\n    ".join(lines)
