"""Controls: what the checks of this folder must catch, or they prove nothing."""

import pytest
from playwright.async_api import Page

from tests.browser.checks import ASKED, COLOURS, Known, accessible, bones, look_at, names_in_title, overflowing
from tests.browser.conftest import NewVisitor
from tests.browser.demo import Demo
from tests.browser.visitor import Visitor


async def spoiled(visitor: Visitor, before: str, after: str) -> Page:
    """The help page with one thing changed on its way to the browser."""

    async def change(route: object) -> None:
        answer = await route.fetch()  # type: ignore[attr-defined]
        text = await answer.text()
        assert before in text
        await route.fulfill(response=answer, body=text.replace(before, after, 1))  # type: ignore[attr-defined]

    await visitor.page.route("**/help", change)
    await visitor.go("/help")
    return visitor.page


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        ('<img src="/assets/none.svg"><h1', "image-alt"),
        ("<p><button></button></p><h1", "button-name"),
        ('<font color="#bbbbbb">Hardly to be read</font><h1', "color-contrast"),
        ("<h1", ""),
    ],
)
async def test_axe_finds_what_is_wrong_and_only_that(new_visitor: NewVisitor, after: str, rule: str) -> None:
    visitor = await new_visitor()
    page = await spoiled(visitor, "<h1", after)
    for shown in ASKED:
        finds = bool(rule) and shown != ("words" if rule in COLOURS else "dark")
        found = await accessible(page, shown)
        assert (rule in str(found)) if finds else found == [], shown
    visitor.complaints.clear()  # the picture is not there


ROWS = "<ul><li><a href='/a'>One</a></li><li><a href='/b'>Two</a></li></ul>"


@pytest.mark.parametrize(
    ("after", "same"),
    [
        ("<ul><li><a href='/c'>Another</a></li></ul>", True),
        ("<ul><li><a href='/c'></a></li></ul>", False),
        ("<ul><li><a class='quiet' href='/a'>One</a></li></ul>", False),
        ("<ul><li><a href='/a'>One</a><img src='/b'></li></ul>", False),
        ("<ul><li><a href='/a' aria-describedby='x'>One</a></li></ul>", False),
        ("<ol><li><a href='/a'>One</a></li></ol>", False),
    ],
)
async def test_pages_are_alike_where_only_words_and_the_number_of_rows_differ(
    new_visitor: NewVisitor, after: str, same: bool
) -> None:
    visitor = await new_visitor()
    before = await bones(await spoiled(visitor, "<h1", f"{ROWS}<h1"))
    await visitor.page.unroute("**/help")
    assert (await bones(await spoiled(visitor, "<h1", f"{after}<h1")) == before) is same
    visitor.complaints.clear()  # the picture is not there


async def test_a_page_is_not_asked_again_only_if_nothing_was_found_in_one_like_it(new_visitor: NewVisitor) -> None:
    visitor, known = await new_visitor(), Known()
    await spoiled(visitor, "<h1", "<p><button></button></p><h1")
    for _ in range(2):
        assert "button-name" in str(await look_at(visitor, [(320, "light")], known=known)) and not known
    await visitor.page.unroute("**/help")
    await visitor.go("/help")
    assert await look_at(visitor, [(320, "light")], known=known) == [] and len(known) == 1


async def test_a_script_in_the_page_is_refused_and_noticed(new_visitor: NewVisitor) -> None:
    visitor = await new_visitor()
    page = await spoiled(visitor, "<h1", "<script>window.ran = 1</script><h1")
    assert await page.evaluate("window.ran") is None
    assert await visitor.refused_by_policy() == ["script-src-elem: inline"]
    assert "Content Security Policy" in visitor.complaints.pop()


async def test_a_style_in_the_page_is_refused_and_noticed(new_visitor: NewVisitor) -> None:
    visitor = await new_visitor()
    await spoiled(visitor, "<h1", '<h1 style="color:red"')
    assert await look_at(visitor, []) == ["style-src-attr: inline"]
    visitor.complaints.clear()


async def test_what_is_too_wide_is_named(new_visitor: NewVisitor) -> None:
    visitor = await new_visitor(size=(320, 700))
    page = await spoiled(visitor, "<h1", f"<pre class='wide'>{'x' * 200}</pre><h1")
    assert "PRE.wide" in await overflowing(page)


def test_a_child_in_the_title_is_noticed(demo: Demo) -> None:
    assert names_in_title(demo, "Kopskats, Marta Kalniņa – Atbalsts")
    assert not names_in_title(demo, "Kopskats, bērna profils 4471 – Atbalsts")


async def test_an_answer_of_500_and_a_console_error_are_noticed(new_visitor: NewVisitor) -> None:
    visitor = await new_visitor()
    await visitor.page.route("**/help", lambda route: route.fulfill(status=500, body="<title>x</title>"))
    await visitor.go("/help")
    await visitor.page.evaluate("console.error('broken')")
    assert any("500" in said for said in visitor.complaints) and any("broken" in said for said in visitor.complaints)
    visitor.complaints.clear()
