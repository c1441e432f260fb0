"""Forms for files: add one, replace one, remove one."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.documents import FILE_BYTES
from applications.filetypes import ACCEPT
from core.forms import PortalForm
from programs.schema import DocumentKind


class OneFile(forms.FileField):
    """A file of any size and content: the domain says, in words, which ones are taken."""

    widget = forms.FileInput(attrs={"accept": ACCEPT, "data-max-bytes": FILE_BYTES})

    def __init__(self, **kwargs) -> None:
        super().__init__(
            label=_("File"),
            help_text=_("PDF, Word (docx), Excel (xlsx), PNG or JPEG, up to 20 MB."),
            allow_empty_file=True,
            **kwargs,
        )
        self.error_messages["invalid"] = _("The file did not arrive. Choose it again.")


class FileForm(PortalForm):
    """One file."""

    file = OneFile()


class AddFileForm(FileForm):
    """One file and what it is."""

    kind = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
    field_order = ["kind", "file"]

    def __init__(self, kinds: Sequence[DocumentKind], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.key, kind.label) for kind in kinds]
        self.fields["kind"].error_messages["required"] = _("Say what the file is.")
        self.fields["kind"].error_messages["invalid_choice"] = _("Say what the file is.")


class RemoveForm(PortalForm):
    """Nothing to fill in: the page itself is the question."""
