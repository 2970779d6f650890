"""What the server puts into a page: language, notice, and a head in which everything is escaped."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from app.pages import MARK, PAGES, Pages, Preview, language_of


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    for name in PAGES:
        html = f'<!doctype html><html lang="en" class="x"><head>{MARK}</head></html>'
        (tmp_path / f"{name}.html").write_text(html)
    return Pages(tmp_path)


def request(cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request({"type": "http", "headers": headers})


def test_titles_and_descriptions_cannot_break_out_of_the_head(pages: Pages) -> None:
    evil = '"><script>alert(1)</script>'
    preview = Preview(title=evil, description=evil, url="http://x/s/y", image=None)
    body = bytes(pages.render("viewer", language="fr", preview=preview).body).decode()
    assert "<script>" not in body
    assert '<html lang="fr" data-page-code="">' in body
    assert '<link rel="stylesheet" href="/brand.css">' in body
    assert body.count("og:title") == 1


def test_a_notice_tells_its_code_to_the_script(pages: Pages) -> None:
    page = pages.render("notice", language="en", preview=Preview("x", "y"), code="gone", status=410)
    assert page.status_code == 410
    assert b'data-page-code="gone"' in bytes(page.body)


def test_pages_that_are_not_built_say_how_to_build_them(tmp_path: Path) -> None:
    page = Pages(tmp_path).render("home", language="en", preview=Preview("x", "y"))
    assert page.status_code == 503
    assert b"pip install ." in bytes(page.body)


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        ("", "", "en"),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("", "de,fr;q=0.3,en;q=0.7", "en"),
        ("", "de", "en"),
        ("", "fr;q=nonsense,en;q=0.1", "en"),
        ("causerie_lang=fr", "en", "fr"),
        ("causerie_lang=xx", "fr", "fr"),
    ],
)
def test_a_page_begins_in_the_language_one_chose_or_prefers(
    cookie: str, accept: str, language: str
) -> None:
    assert language_of(request(cookie, accept)) == language
