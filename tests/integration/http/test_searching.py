"""The team finds what was said anywhere in the session, and nobody else may look."""

from __future__ import annotations

import httpx

from tests.support.raw_client import Client, Http


async def test_words_names_and_marks_find_what_the_page_does_not_hold(http: Http) -> None:
    session = await http.new_session(review="before")
    slug = session["slug"]
    moderator = await http.join(slug, invite=session["invites"]["moderator"]["token"])
    zoe = await http.join(slug, display_name="Zoé")
    viewer = await Client(http.url, slug, zoe["token"]).open()
    team = await Client(http.url, slug, moderator["token"]).open()
    asked = await viewer.say("question.ask", text="Livrez-vous à Liège ?")
    await viewer.say("message.post", text="Bonsoir")
    label = (await team.say("label.define", name="Livraison", colour="teal"))["data"]["id"]
    subject = {"kind": "question", "id": asked["data"]["question"]["id"]}
    await team.say("label.set", subject=subject, labels=[label])
    me = moderator["participant"]["id"]
    await team.say("moderation.assign", subject=subject, participant_id=me)
    await viewer.close()
    await team.close()

    headers = {"Authorization": f"Bearer {moderator['token']}"}
    async with httpx.AsyncClient(base_url=http.url, trust_env=False, headers=headers) as client:

        async def found(query: str) -> list[str]:
            answer = await client.get(f"/api/v1/sessions/{slug}/search?{query}")
            assert answer.status_code == 200, answer.text
            assert answer.json()["complete"] is True
            return [each["item"]["text"] for each in answer.json()["items"]]

        async def refused(query: str) -> tuple[int, str]:
            answer = await client.get(f"/api/v1/sessions/{slug}/search?{query}")
            return answer.status_code, answer.json()["code"]

        assert await found("q=LIEGE") == ["Livrez-vous à Liège ?"]
        assert await found("q=zoe") == ["Bonsoir", "Livrez-vous à Liège ?"]
        assert await found("q=zoe%20bonsoir") == ["Bonsoir"]
        assert await found(f"label={label}&assignee={me}&status=pending") == [
            "Livrez-vous à Liège ?"
        ]
        assert await found("label=%25") == []
        for wrong in ("", "q=", "q=" + "x" * 101, "q=a%20b%20c%20d%20e%20f%20g%20h%20i"):
            assert await refused(wrong) == (422, "invalid")
        pages, query = [], "q=zoe&limit=1"
        while query:
            page = (await client.get(f"/api/v1/sessions/{slug}/search?{query}")).json()
            pages += [each["item"]["text"] for each in page["items"]]
            before = page["next_before"]
            assert page["complete"] is (before is None)
            query = f"q=zoe&limit=1&before={before}" if before else ""
        assert pages == ["Bonsoir", "Livrez-vous à Liège ?"]
        for wrong in (
            "q=a&before=x-y",
            "q=a&before=12",
            "q=a&limit=101",
            "q=a&status=new",
            "q=a&language=1",
            "label=" + "x" * 65,
        ):
            assert await refused(wrong) == (422, "invalid")
        team_now = (await client.get(f"/api/v1/sessions/{slug}/team")).json()["team"]
        assert me in [each["id"] for each in team_now]
        assert zoe["participant"]["id"] not in [each["id"] for each in team_now]
