"""Looks up what is measured of the queue; prints it as JSON.

Run as a program with the bench settings: `python -m scripts.bench.prepare_queue CYCLE`. The cycle is made
the current one.
"""

import json
import sys
from typing import Any

import django
from django.apps import apps
from django.db.models import F

from scripts.bench.prepare import open_until, session_of

PAGE_SIZE = 50


def main(slug: str) -> dict[str, Any]:
    """Return ids, a session, the key of the second page, and words that few applications hold."""
    cycle = open_until(slug, days=1)
    rows = apps.get_model("applications", "Application").objects.filter(
        cycle=cycle, submitted_at__isnull=False
    )
    ordered = rows.order_by(F("adjusted_score").desc(nulls_last=True), "pk")
    last = ordered[PAGE_SIZE - 1]
    words = ordered[PAGE_SIZE].practice.name.lower().split()[:2]
    return {
        "cycle": cycle.pk,
        "analyst": session_of("analyst@demo.example"),
        "after": f"{last.adjusted_score}~{last.pk}",
        "words": " ".join(words),
        "tsquery": " & ".join(f"{word}:*" for word in words),
    }


if __name__ == "__main__":
    django.setup()
    json.dump(main(sys.argv[1]), sys.stdout)
