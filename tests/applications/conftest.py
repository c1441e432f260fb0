"""An owner with a complete draft, and threads that race."""

import threading

import pytest
from django.db import connection

from accounts.enums import Role
from tests.applications.filing import FakeClamd
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete


@pytest.fixture
def draft(db):
    return ApplicationFactory()


@pytest.fixture
def ready(draft):
    return complete(draft)


@pytest.fixture
def owner(draft, hat_of):
    return hat_of(Role.PRACTICE_OWNER, draft.practice, user__full_name="Ana Ruiz")


@pytest.fixture
def contributor(draft, hat_of):
    return hat_of(Role.PRACTICE_CONTRIBUTOR, draft.practice, user__full_name="Bo Li")


@pytest.fixture
def stranger(db):
    return MembershipFactory(role=Role.PRACTICE_OWNER)


@pytest.fixture
def race():
    """Return a function that runs `act(number)` in `count` threads at once and returns the results."""

    def run(act, count):
        barrier, results = threading.Barrier(count), [None] * count

        def work(number):
            try:
                barrier.wait(10)
                results[number] = act(number)
            except Exception as error:  # noqa: BLE001 - the test looks at what each thread met
                results[number] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


@pytest.fixture
def files_folder(settings, tmp_path):
    """Keep uploaded files in a folder of the test; return it."""
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def clamd(settings):
    """Run a virus scanner that files are sent to."""
    server = FakeClamd()
    settings.CLAMD_URL = server.url
    yield server
    server.stop()
