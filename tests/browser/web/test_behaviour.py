"""What the pages do: keyboard, forms, theme, and all essentials without a script."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.web.conftest import Opener, Site


def test_keys_search_move_open_and_explain_themselves(opened: Opener) -> None:
    page = opened("/gallery/table")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr[data-current] th")).to_contain_text("Ben Castillo")
    page.keyboard.press("k")
    expect(page.locator("tr[data-current] th")).to_contain_text("Ada Brook")
    page.keyboard.press("/")
    expect(page.locator(".searchbox input")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.locator(".searchbox input")).to_have_value("jk?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Next row")


def test_single_keys_can_be_switched_off_and_stay_off(opened: Opener) -> None:
    page = opened("/gallery/table")
    page.keyboard.press("?")
    with page.expect_response("**/preferences"):
        page.get_by_label("Shortcuts of a single key").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("tr[data-current]")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()


def test_the_palette_finds_what_the_page_offers_and_does_it(opened: Opener) -> None:
    page = opened("/gallery/")
    page.keyboard.press("Control+k")
    page.keyboard.type("tab")
    expect(page.locator("#palette").get_by_role("option").first).to_contain_text("Table")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery/table")


def test_a_wrong_form_keeps_what_was_typed_and_leads_to_the_first_mistake(opened: Opener) -> None:
    page = opened("/gallery/")
    page.get_by_label("Notes").fill("second floor")
    page.get_by_label("Weight").fill("7")
    page.get_by_role("button", name="Save").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 things need your attention")
    expect(page.get_by_label("Notes")).to_have_value("second floor")
    summary.get_by_role("link", name="E-mail: Fill this in.").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("Weight")).to_have_attribute("aria-invalid", "true")


def test_what_was_typed_survives_a_reload(opened: Opener) -> None:
    page = opened("/gallery/")
    page.get_by_label("Notes").fill("second floor")
    page.reload()
    expect(page.get_by_label("Notes")).to_have_value("second floor")


def test_an_impatient_double_press_sends_once(opened: Opener, site: Site) -> None:
    page = opened("/gallery/")
    page.evaluate(
        "() => { const b = document.querySelector('#sample .primary'); b.click(); b.click(); b.click(); }"
    )
    page.wait_for_selector(".error-summary")
    assert [path for path, _ in site.posts] == ["/gallery/"]


def test_the_theme_is_kept_by_the_browser(opened: Opener) -> None:
    page = opened("/gallery/")
    page.get_by_role("button", name="Account of Ada Brook").click()
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_reference_is_copied_with_one_press(opened: Opener) -> None:
    page = opened("/gallery/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy X-7K3Q9F").first.click()
    expect(page.locator(".toast")).to_contain_text("Copied X-7K3Q9F")
    assert page.evaluate("navigator.clipboard.readText()") == "X-7K3Q9F"


def test_a_signature_becomes_a_picture_in_the_form(opened: Opener) -> None:
    page = opened("/gallery/")
    canvas = page.locator("[data-signature] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=8)
    page.mouse.up()
    value = page.locator("[data-signature] input").input_value()
    assert value.startswith("data:image/png;base64,")
    page.get_by_role("button", name="Clear the signature").click()
    assert page.locator("[data-signature] input").input_value() == ""


def test_a_map_draws_without_any_tile_server_and_has_a_table(opened: Opener) -> None:
    page = opened("/gallery/")
    page.locator(".map").scroll_into_view_if_needed()
    expect(page.locator(".map path")).to_have_count(3)
    expect(page.locator(".map-pin")).to_have_count(3)
    page.get_by_text("Places of the day as a table").click()
    expect(page.get_by_role("cell", name="Start, Ingersoll Avenue")).to_be_visible()
    assert opened.complaints == []


def test_the_essentials_work_without_a_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "actor", "value": "planner", "url": site.url}])
    page = context.new_page()
    page.goto(site.url + "/gallery/")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Or type the full name as signature").fill("Ada Brook")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flashes")).to_contain_text("Saved. The form was right.")
    page.get_by_role("button", name="Account of Ada Brook").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()
