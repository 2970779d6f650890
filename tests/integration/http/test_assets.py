"""The pages' files: small on the way, kept for good."""

from __future__ import annotations

import re

import httpx

from tests.support.running import Server


async def test_scripts_and_styles_go_out_compressed_and_are_kept(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        page = (await client.get("/")).text
        files = re.findall(r"/assets/[\w.-]+\.(?:js|css)", page)
        assert files
        for file in files:
            packed = await client.get(file, headers={"Accept-Encoding": "gzip"})
            plain = await client.get(file, headers={"Accept-Encoding": "identity"})
            assert packed.headers["content-encoding"] == "gzip"
            assert "content-encoding" not in plain.headers
            assert packed.content == plain.content
            assert packed.headers["content-type"] == plain.headers["content-type"]
            for answer in (packed, plain):
                assert "immutable" in answer.headers["cache-control"]
                assert answer.headers["vary"] == "Accept-Encoding"
        head = await client.head(files[0])
        assert head.status_code == 200
        assert head.content == b""
