"""Looks up what is measured of the queue; prints it as JSON.

Run as a program with the bench settings: `python -m scripts.bench.prepare_queue CYCLE`. The cycle is made
the current one.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import django
from django.apps import apps
from django.db.models import F

from scripts.bench.prepare import open_until, session_of

PAGE_SIZE = 50
NAMES_LOOKED_AT = 1000


def main(slug: str) -> dict[str, Any]:
    """Return ids, a session, the key of the second page, and two words that fill a page."""
    cycle = open_until(slug, days=1)
    rows = apps.get_model("applications", "Application").objects.filter(
        cycle=cycle, submitted_at__isnull=False
    )
    ordered = rows.order_by(F("adjusted_score").desc(nulls_last=True), "pk")
    last = ordered[PAGE_SIZE - 1]
    words = common_words(ordered.values_list("practice__name", flat=True)[:NAMES_LOOKED_AT])
    return {
        "cycle": cycle.pk,
        "analyst": session_of("analyst@demo.example"),
        "after": f"{last.adjusted_score}~{last.pk}",
        "words": " ".join(words),
        "tsquery": " & ".join(f"{word}:*" for word in words),
    }


def common_words(names: Iterable[str]) -> tuple[str, str]:
    """Return the two words that most often follow each other in the names.

    A search for them fills a page at every size, so that the sizes can be compared.
    """
    split = ([word for word in name.lower().split() if word.isalpha()] for name in names)
    return Counter(pair for words in split for pair in pairwise(words)).most_common(1)[0][0]


if __name__ == "__main__":
    django.setup()
    json.dump(main(sys.argv[1]), sys.stdout)
