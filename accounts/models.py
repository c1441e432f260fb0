"""People, organisations, and the membership ("hat") that joins them.

Every act in the portal is done under exactly one membership: use-cases take it as `by`, rules and
querysets look at it and never at the person's other memberships.
"""

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.enums import OrganisationKind, Role
from accounts.places import HOME


class UserManager(BaseUserManager["User"]):
    """Makes accounts; email addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Store and return an account with a hashed password (none: can't sign in by password)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account whatever the case of the address."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person with one account, whatever the number of organisations.

    `language` is the code chosen for pages and emails; empty: what the browser asks for.
    """

    email = models.EmailField(_("email address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    is_active = models.BooleanField(default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_email_lower_case",
                condition=models.Q(email=Lower("email")),
                violation_error_message=_("Write the email address in lower case."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email


class Organisation(models.Model):
    """A practice, a plan, the department or the program office."""

    kind = models.CharField(max_length=10, choices=OrganisationKind.choices)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "name"], name="accounts_org_kind_name")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Membership(models.Model):
    """A hat: one person in one role of one organisation. Never deleted, only switched off."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=30, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], name="accounts_membership_once"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Person, role and organisation in words, as history and logs keep them.

        In the portal's own language, as what is kept never changes with who reads or writes.
        """
        with translation.override(settings.LANGUAGE_CODE):
            return f"{self.user.full_name} ({self.get_role_display()}, {self.organisation.name})"

    @property
    def home_url(self) -> str:
        """Path of the first page of this role."""
        return reverse(HOME[self.role])


@pghistory.track(exclude=["token_digest"])
class Invitation(models.Model):
    """An offer to join an organisation in a role, by a link that an email holds.

    Only the SHA-256 of the link's secret is stored. It ends by acceptance, revocation or time.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField(_("email address"))
    role = models.CharField(max_length=30, choices=Role.choices)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=400)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="invitations", null=True, blank=True
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="accounts_one_open_invitation",
            ),
            models.CheckConstraint(
                name="accounts_invitation_email_lower_case",
                condition=models.Q(email=Lower("email")),
            ),
            models.CheckConstraint(
                name="accounts_invitation_accepted_with_membership",
                condition=models.Q(accepted_at__isnull=True, membership__isnull=True)
                | models.Q(accepted_at__isnull=False, membership__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_invitation_ends_once",
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation_id}"
