"""The house keeps its shape: imports, one writer of the status, sizes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APPS = [
    "accounts", "applications", "core", "eptportal", "notifications", "programs", "scoring",
    "selection",
]  # fmt: skip
WRITER = "applications/domain/transitions.py"
OTHER_STATUSES = {
    "notifications/delivery.py": "the status of an email",
    "selection/domain/expiring.py": "the status of an offer",
    "selection/domain/offers.py": "the status of an offer",
    "selection/domain/promoting.py": "the status of an offer",
    "selection/domain/releasing.py": "the status of an offer",
    "selection/seeding/applications.py": "rows of the synthetic cohort, made before they are stored",
}
FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 60, 130


def sources(*folders):
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def status_writes(tree):
    """Return the lines that set an attribute `status`, by assignment, setattr or a queryset."""
    lines = []
    for node in ast.walk(tree):
        targets = []
        if isinstance(node, ast.Assign):
            targets = [t for target in node.targets for t in ast.walk(target)]
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Call):
            lines += [node.lineno] if _call_writes_status(node) else []
        writes = [t for t in targets if isinstance(t, ast.Attribute) and t.attr == "status"]
        lines += [node.lineno] if writes else []
    return lines


def _call_writes_status(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    texts = [a.value for a in ast.walk(call) if isinstance(a, ast.Constant)]
    if name in ("update", "update_or_create"):
        return any(keyword.arg == "status" for keyword in call.keywords)
    return name in ("setattr", "bulk_update") and "status" in texts


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        ("row.status = 'x'", True),
        ("a, row.status = b, 'x'", True),
        ("row.status: str = 'x'", True),
        ("setattr(row, 'status', 'x')", True),
        ("Application.objects.filter(pk=1).update(status='x')", True),
        ("Application.objects.bulk_update(rows, ['status'])", True),
        ("if row.status == 'x': pass", False),
        ("rows.filter(status='x')", False),
        ("rows.update(members=3)", False),
    ],
)
def test_detector_of_status_writes(code, writes):
    assert bool(status_writes(ast.parse(code))) is writes


def test_only_the_transitions_write_the_status_of_an_application():
    found = {name_of(path) for path in sources(*APPS) if status_writes(ast.parse(path.read_text()))}
    assert found - set(OTHER_STATUSES) == {WRITER}
    stale = {name for name in OTHER_STATUSES if not (ROOT / name).exists()}
    assert stale == set()


def test_apps_import_downwards_only():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_nobody_imports_the_composition_root():
    guilty = set()
    for path in sources(*[app for app in APPS if app != "eptportal"]):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [getattr(node, "module", None) or ""] if isinstance(node, ast.ImportFrom) else []
            )
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.split(".")[0] == "eptportal" for name in names):
                guilty.add(name_of(path))
    assert guilty == set()


def test_domain_knows_no_request_and_no_message():
    guilty = {
        name_of(path)
        for app in APPS
        for path in sources(f"{app}/domain")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.http"))
        or (isinstance(node, ast.ImportFrom) and node.module == "django.contrib")
        or (isinstance(node, ast.arg) and node.arg == "request")
    }
    assert guilty == set()


def test_views_write_through_the_domain_only():
    writers = ("save", "create", "bulk_create", "update", "delete", "get_or_create")
    guilty = {}
    for app in APPS:
        for path in [*sources(f"{app}/views"), *[p for p in sources(app) if p.name == "views.py"]]:
            for node in ast.walk(ast.parse(path.read_text())):
                text = ast.unparse(node) if isinstance(node, ast.Call) else ""
                if ".objects." in text and getattr(node.func, "attr", "") in writers:
                    guilty[name_of(path)] = text
    assert guilty == {}


def test_files_are_short():
    long = {
        name_of(path): lines
        for path in sources(*APPS, "scripts")
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    }
    assert long == {}


def test_functions_are_short():
    long = {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources(*APPS, "scripts")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert long == {}


def test_templates_are_short():
    long = {
        name_of(path): lines
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (lines := len(path.read_text().splitlines())) > TEMPLATE_LINES
    }
    assert long == {}
