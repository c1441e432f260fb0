"""What the tests of autosave share: the controls of a section, and what is stored of them."""

import re

from playwright.sync_api import expect

from applications.models import Answer

WHY, DISPARITY = "population_why", "disparity"
SAVED = re.compile(r"^Saved \d")


def answer_of(draft, key=WHY):
    """Return the stored text of an answer, and its version."""
    return Answer.objects.values_list("value", "version").get(application=draft, key=key)


def line(page):
    return page.locator("[data-save-state]")


def saved(page):
    expect(line(page)).to_have_text(SAVED)


def field(page, key=WHY):
    return page.locator(f"form[data-autosave] [name={key}]")
