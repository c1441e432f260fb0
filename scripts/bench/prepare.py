"""Looks up what is measured in a seeded database and signs people in; prints it as JSON.

Run as a program with the bench settings: `python -m scripts.bench.prepare CYCLE`. The cycle CYCLE is
made the current one; what can still be written is in the open cycle CYCLE-open, which closes later.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count
from django.utils import timezone

OPEN_SUFFIX = "-open"
POPULATION = "children_youth"
SECTION, QUESTION = "narratives", "leadership"


def main(slug: str) -> dict[str, Any]:
    """Return ids, versions and session keys of everything that is measured."""
    cycle = open_until(slug, days=1)
    open_until(slug + OPEN_SUFFIX, days=20)
    seen = apps.get_model("applications", "Application").objects.filter(cycle=cycle)
    top = seen.filter(adjusted_score__isnull=False).order_by("-adjusted_score", "pk")
    return {
        "cycle": cycle.pk,
        "slug": slug,
        "application": top.values_list("pk", flat=True)[0],
        "analyst": session_of("analyst@demo.example"),
        "owner": session_of("owner@demo.example"),
        **_plan(cycle, seen),
        **_sheets(slug + OPEN_SUFFIX),
        **_drafts(slug + OPEN_SUFFIX),
    }


def open_until(slug: str, days: int) -> Any:
    """Make the cycle `slug` close in so many days, and return it."""
    cycle = apps.get_model("programs", "Cycle").objects.get(slug=slug)
    cycle.closes_at = timezone.now() + timedelta(days=days)
    cycle.scoring_due_at = cycle.closes_at + timedelta(days=30)
    cycle.save()
    return cycle


def session_of(email: str) -> str:
    """Sign in the person with that email under their first hat; return the session's key."""
    hats = apps.get_model("accounts", "Membership").objects.select_related("user")
    return signed_in(hats.filter(user__email=email).order_by("pk")[0])


def signed_in(hat: Any, **more: Any) -> str:
    """Store a session in which `hat` is worn, with `more` in it, and return its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(hat.user_id)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = hat.user.get_session_auth_hash()
    session["hat"] = hat.pk
    session.update(more)
    session.save()
    return session.session_key or ""


def _plan(cycle: Any, seen: Any) -> dict[str, Any]:
    """Return the plan with the most applications, and sessions of its first lead."""
    biggest = seen.values("designated_mcp").annotate(n=Count("pk")).order_by("-n")[0]
    hats = apps.get_model("accounts", "Membership").objects.select_related("user")
    plan = biggest["designated_mcp"]
    lead = hats.filter(organisation=plan, role="mcp_lead", is_active=True).order_by("pk")[0]
    later = cycle.slug + OPEN_SUFFIX
    return {"plan": plan, "lead": signed_in(lead), "assigner": signed_in(lead, cycle=later)}


def _sheets(slug: str) -> dict[str, Any]:
    """Return a sheet that was begun, with its versions and a session of its reviewer.

    With it comes another sheet for the floor to write on.
    """
    sheets = (
        apps.get_model("scoring", "ScoreSheet")
        .objects.filter(
            assignment__application__cycle__slug=slug,
            assignment__application__status="in_review",
            assignment__ended_at=None,
            submitted_at=None,
            given__gt=0,
        )
        .select_related("assignment__reviewer__user")
    )
    sheet, other = sheets.order_by("-given", "pk")[:2]
    return {
        "reviewer": signed_in(sheet.assignment.reviewer),
        "sheet": sheet.pk,
        "floor_sheet": other.pk,
        "floor_code": other.scores.order_by("code").values_list("code", flat=True)[0],
        "codes": [c.code for c in sheet.assignment.application.cycle.definition.criteria()],
        "points": {row.code: [row.version, row.points] for row in sheet.scores.all()},
        "comments": {row.code: [row.version, row.text] for row in sheet.comments.all()},
    }


def _drafts(slug: str) -> dict[str, Any]:
    """Return the owner's draft with the version of one answer, and an answer for the floor."""
    answers = apps.get_model("applications", "Answer").objects.filter(
        application__cycle__slug=slug, key=QUESTION
    )
    mine = {"application__practice__memberships__user__email": "owner@demo.example"}
    drafts = apps.get_model("applications", "Application").objects.filter(
        cycle__slug=slug, status="draft", practice__memberships__user__email="owner@demo.example"
    )
    draft = drafts.order_by("pk")[0]
    own = answers.filter(application=draft).first()
    return {
        "draft": draft.pk,
        "answer_version": own.version if own else 0,
        "floor_answer": answers.exclude(**mine).order_by("pk")[0].application_id,
    }


if __name__ == "__main__":
    django.setup()
    json.dump(main(sys.argv[1]), sys.stdout)
