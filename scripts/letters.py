"""Pictures of the mails: every event as a phone shows it, and below it what is read without HTML."""

from html import escape

from playwright.async_api import Page

from core.access import Actor
from core.executions.states import Event
from core.ids import new_id
from integrations.contract import Notice
from integrations.email.letter import write
from integrations.email.settings import EmailSettings
from jobs.wording import PreviewWords
from scripts.sheets import Shot
from tests.handlers.kit import Desk

_TO = EmailSettings(host="mail.example.test", sender="hub@example.test", recipients=["ops@example.test"])
_HEIGHT = 20


async def letters(desk: Desk, page: Page) -> list[Shot]:
    """Draw a mail about each event, of the chain's last such run where there is one."""
    preview = await desk.container.get(PreviewWords)
    system = Actor.system(desk.organisation_id, "cli")
    shots: list[Shot] = []
    for event in Event:
        shown = await preview(system, event, None, module="email", spoken=None)
        notice = Notice(new_id(), event.value, shown.subject or "", shown.lines, desk.clock.now(), "Mercado Azul")
        mail = write(notice, _TO)
        html, text = (part.get_content() for kind in ("html", "plain") if (part := mail.get_body((kind,))))
        for name, content in (
            ("mail", html),
            ("mail, text", f"<pre style='white-space: pre-wrap'>{escape(text)}</pre>"),
        ):
            # As high as what it holds.
            await page.set_viewport_size({"width": 360, "height": _HEIGHT})
            await page.set_content(content)
            shots.append((f"{name}: {event}", await page.screenshot(full_page=True)))
    return shots
