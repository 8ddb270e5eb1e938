"""The floor: the leanest correct way to the same bytes. Raw driver, same indexes, same templates, nothing else.

Before it serves, it asks the portal for each page once and keeps what the template was given; its handlers read
the same documents with the raw driver and render that. No session, no policy, no audit, no models.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from jinja2 import Template
from jinja2.runtime import Context
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import FromPath

from portal.app import create_app
from portal.bench.client import Call
from portal.bench.reads import Read, read_for
from portal.health import healthz
from portal.page import COMPRESS_FROM
from portal.runtime import Runtime
from portal.templating import environment
from portal.translations import set_language

BLOCKS = {"search": "results", "code": "results"}


@dataclass(frozen=True)
class Page:
    """One page of the floor: the query it makes, and what its template is given."""

    read: Read
    template: Template
    context: Mapping[str, Any]
    block: str

    def html(self) -> str:
        """The same words as the portal's."""
        if self.block:
            return "".join(self.template.blocks[self.block](self.template.new_context(dict(self.context))))
        return self.template.render(self.context)


class _Recorded(Template):
    """A template that tells what it is given."""

    given: list[tuple[str, dict[str, Any]]] = []

    def new_context(self, vars: Any = None, shared: bool = False, locals: Any = None) -> Context:
        self.given.append((self.name or "", dict(vars or {})))
        return super().new_context(vars, shared, locals)


async def floor_app(held: Runtime, calls_file: Path) -> Litestar:
    """Return the floor for the calls of a file: `{kind: [call …]}`; call number n of a kind is `/kind/n`."""
    calls = {kind: [Call(**call) for call in made] for kind, made in json.loads(calls_file.read_text()).items()}
    pages = await _recorded(held, calls)

    @get("/{kind:str}/{number:int}")
    async def show(request: Request[Any, Any, Any], kind: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        return await _answer(pages[kind][number])

    @post("/{kind:str}/{number:int}", status_code=200)
    async def asked(request: Request[Any, Any, Any], kind: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        await request.body()
        return await _answer(pages[kind][number])

    return Litestar([show, asked, healthz], openapi_config=None, logging_config=None)


async def _answer(page: Page) -> Response[bytes]:
    set_language("lv")
    await page.read()
    body = page.html().encode()
    headers = {}
    if len(body) > COMPRESS_FROM:
        body = gzip.compress(body, 4)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=MediaType.HTML, headers=headers)


async def _recorded(held: Runtime, calls: dict[str, list[Call]]) -> dict[str, list[Page]]:
    env = environment()
    env.template_class = _Recorded
    transport = httpx.ASGITransport(create_app(held))  # type: ignore[arg-type]
    pages: dict[str, list[Page]] = {}
    async with httpx.AsyncClient(transport=transport, base_url=held.settings.public_url) as client:
        for kind, made in calls.items():
            pages[kind] = [await _page(held, client, kind, call) for call in made]
    env.template_class = Template
    if env.cache is not None:
        env.cache.clear()
    return {kind: [_plain(page) for page in made] for kind, made in pages.items()}


def _plain(page: Page) -> Page:
    template = environment().get_template(page.template.name or "")
    return Page(page.read, template, page.context, page.block)


async def _page(held: Runtime, client: httpx.AsyncClient, kind: str, call: Call) -> Page:
    _Recorded.given.clear()
    headers = {"Cookie": call.cookie}
    if call.method == "POST":
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        await held.store.rates.delete_many({})
    answer = await client.request(call.method, call.path, headers=headers, content=call.body)
    if answer.status_code != 200:
        raise RuntimeError(f"{kind}: the portal answered {answer.status_code} to {call.method} {call.path}")
    name, context = _Recorded.given[0]
    page = Page(
        await read_for(held.store, kind, call.about), environment().get_template(name), context, BLOCKS.get(kind, "")
    )
    set_language("lv")
    if page.html() != answer.text:
        raise RuntimeError(f"{kind}: the floor's page is not the portal's")
    return page
