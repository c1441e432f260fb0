"""What waits for a person: not part of any application yet."""

from django.db import models

from accounts.models import User
from applications.models.application import Application


class CarriedCheck(models.Model):
    """Answers of the check before sign-up, kept with an account until they go into an application.

    `answers` are those of `applications.eligibility`.
    """

    person = models.OneToOneField(
        User, on_delete=models.PROTECT, primary_key=True, related_name="carried_check"
    )
    answers = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"check of {self.person_id}"


class HeldText(models.Model):
    """An answer that was not stored because a colleague had saved a newer one.

    It waits until its author has settled it: saved over the newer version, or let go. `base` is the
    version that it was written on; `value` is text, a list of texts, or null, as in `Answer`.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="held_texts"
    )
    key = models.CharField(max_length=60)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="held_texts")
    value = models.JSONField(null=True)
    base = models.PositiveIntegerField(default=0)
    held_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "key", "person"], name="applications_held_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id}:{self.key} of {self.person_id}"
