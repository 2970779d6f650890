from __future__ import annotations

import pytest

from moderation.policy.links import find_link
from tests.support.lines import chat_lines


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("regarde exemple.fr/promo vite", "exemple.fr/promo"),
        ("http://192.0.2.1/x", "http://192.0.2.1/x"),
        ("www.foo.unknown", "www.foo.unknown"),
        ("foo.shop", "foo.shop"),
        ("followboost(dot)shop", "followboost.shop"),
        ("followboost [point] shop", "followboost.shop"),
        ("visitez ma boutique dot com", "boutique.com"),
        ("пример.рф", "пример.рф"),
        ("例え.みんな", "例え.みんな"),
        ("t.me/abc", "t.me/abc"),
        ("(EXAMPLE.COM)!", "EXAMPLE.COM"),
        ("exemple。com", "exemple.com"),
        ("hxxps://evil.example/x", "hxxps://evil.example/x"),
        ("sur 192.0.2.7:8080/promo", "192.0.2.7:8080/promo"),
        ("notre boutique point fr", "boutique.fr"),
        ("free-robux4.lol", "free-robux4.lol"),
    ],
)
def test_a_link_is_found(text: str, link: str) -> None:
    assert find_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "C'est bien.Merci",
        "ok.so what",
        "écris à marie.do@exemple.com",
        "j'ai 3.5 de moyenne, 12.50€",
        "the main point is here",
        "un point c'est tout...",
        "lance test.py",
        "v1.2.3",
        "un autre point de vue",
        "quel point me dis-tu",
        "the dot com bubble",
        "great.now what? ok.cool",
        "M.Dupont et Dr.No",
        "photo.zip, notes.md, main.rs, node.js",
        "le 10.12.de cette année",
        "192.168.1.20 à 12:45:30",
    ],
)
def test_prose_is_no_link(text: str) -> None:
    assert find_link(text) is None


def test_no_honest_line_has_a_link() -> None:
    assert [line.text for line in chat_lines() if line.kind == "ok" and find_link(line.text)] == []
