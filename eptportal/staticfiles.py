"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

OUR_MODULES = (
    "js/*.js",
    (
        (
            r"""(?P<matched>import\s*(?P<names>\{[^}]*\})\s*from\s*"(?P<url>\./[^"]+)";)""",
            """import %(names)s from "%(url)s";""",
        ),
    ),
)


class PortalStaticFiles(CompressedManifestStaticFilesStorage):
    """Also rewrites the names by which our own script modules import one another.

    Django's own switch for that rewrites the scripts of other packages too, and stops at the first
    one that imports a file which it does not bring along.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, OUR_MODULES)
