"""The 3 to 6 places of each role in the left navigation, and each role's first page. Data only.

URLs are names, so this low app knows nothing of the apps above it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: a word, a URL name and an icon of the sprite."""

    label: str | Promise
    url_name: str
    icon: str


PRACTICE = (
    Place(_("Home"), "applications:home", "home"),
    Place(_("Application"), "applications:application", "edit"),
    Place(_("Messages"), "applications:messages", "mail"),
    Place(_("Practice"), "applications:practice", "account_balance"),
    Place(_("People"), "accounts:people", "people"),
    Place(_("Documents"), "applications:documents", "file_present"),
)
LEAD = (
    Place(_("Overview"), "scoring:overview", "insights"),
    Place(_("Applications"), "scoring:applications", "list"),
    Place(_("Assign"), "scoring:assign_many", "group_add"),
    Place(_("Disagreements"), "scoring:disagreements", "unfold_more"),
    Place(_("Recommend"), "scoring:recommend_many", "check_circle"),
    Place(_("Team"), "scoring:team", "people"),
)
REVIEWER = (
    Place(_("My reviews"), "scoring:mine", "assessment"),
    Place(_("Done"), "scoring:done", "check_circle"),
    Place(_("Conflicts"), "scoring:my_conflicts", "warning"),
)
QUEUE = Place(_("Queue"), "selection:queue", "list")
WORKBENCH = Place(_("Workbench"), "selection:workbench_home", "insights")
DECISIONS = Place(_("Decisions"), "selection:decisions", "check_circle")
RECORDS = Place(_("Records"), "selection:records", "file_present")
REPORTS = Place(_("Reports"), "selection:reports", "assessment")
WAITLIST = Place(_("Waitlist"), "selection:waitlist", "people")
LATE = Place(_("Late access"), "applications:late_access", "schedule")
STAFF = (QUEUE, WORKBENCH, DECISIONS, WAITLIST, RECORDS, REPORTS)
ADMINISTRATOR = (QUEUE, WORKBENCH, DECISIONS, RECORDS, REPORTS, LATE)
OFFICE = (Place(_("Home"), "accounts:welcome", "home"),)

PLACES: dict[str, tuple[Place, ...]] = {
    Role.PRACTICE_OWNER: PRACTICE,
    Role.PRACTICE_CONTRIBUTOR: PRACTICE,
    Role.MCP_LEAD: LEAD,
    Role.MCP_REVIEWER: REVIEWER,
    Role.DHCS_ANALYST: STAFF,
    Role.DHCS_APPROVER: STAFF,
    Role.DHCS_ADMINISTRATOR: ADMINISTRATOR,
    Role.MILESTONE_REVIEWER: OFFICE,
    Role.AUDITOR: STAFF,
}
HOME = {role: places[0].url_name for role, places in PLACES.items()}
