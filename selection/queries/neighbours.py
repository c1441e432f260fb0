"""Which application comes before and after one in a view of the queue."""

from dataclasses import dataclass

from accounts.models import Membership
from applications.models import Application
from selection.filters import Asked
from selection.queries.paging import Key, page
from selection.queries.queue import found_by


@dataclass(frozen=True)
class Neighbours:
    """Ids of the applications before and after; None at an end of the view."""

    previous: int | None
    next: int | None


def neighbours(application: Application, asked: Asked, hat: Membership) -> Neighbours:
    """Return what is beside `application` in the view (2 queries; with words 4).

    An application that the view does not hold (any more) has the neighbours it would have there.
    """
    rows, order, _search = found_by(asked, hat, application.cycle)
    value = _value(rows, order.column, application)
    key = Key(value, application.pk)
    ids = rows.select_related(None).only(
        "pk", *([] if order.key == "relevance" else [order.column])
    )
    after = page(ids, order, size=1, key=key).rows
    before = page(ids, order, size=1, key=key, backwards=True).rows
    return Neighbours(
        previous=before[0].pk if before else None, next=after[0].pk if after else None
    )


def _value(rows, column: str, application: Application):
    if column != "relevance":
        return getattr(application, column)
    found = rows.filter(pk=application.pk).values_list("relevance", flat=True).first()
    return 0.0 if found is None else found
