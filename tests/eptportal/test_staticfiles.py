"""What production serves: every script module imports the others by their changing names."""

import re

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command


def test_modules_import_each_other_under_the_names_that_are_served(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "eptportal.staticfiles.PortalStaticFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    served = tmp_path / staticfiles_storage.stored_name("js/autosave.js")
    imports = re.findall(r"""from\s+["'](\.[^"']+)["']""", served.read_text())
    assert len(imports) == 3
    for one in imports:
        assert re.search(r"\.[0-9a-f]{12}\.js$", one)
        assert (served.parent / one).is_file()
