"""Where uploaded files go: a folder by default, S3 when its bucket is named in the environment."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings as live
from django.core.files.storage import default_storage
from django.utils.module_loading import import_string

from applications import storage
from tests.applications import filing

SHOW = """
import json
from eptportal.settings import base
default = base.STORAGES["default"]
print(json.dumps([default["BACKEND"], default.get("OPTIONS", {}), base.CLAMD_URL]))
"""


def settings_with(**environment):
    """Return (backend, options, clamd) of the settings read with these environment variables."""
    names = {key: value for key, value in os.environ.items() if not key.startswith("FILES_")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**names, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_files_are_kept_in_a_folder_unless_a_bucket_is_named():
    backend, _options, clamd = settings_with(FILES_S3_ENDPOINT="http://objects:9000")
    assert (backend, clamd) == ("django.core.files.storage.FileSystemStorage", "")
    backend, options, clamd = settings_with(
        FILES_S3_BUCKET="portal-files",
        FILES_S3_ENDPOINT="http://objects:9000",
        FILES_S3_REGION="us-west-2",
        FILES_S3_KEY="key",
        FILES_S3_SECRET="secret",
        CLAMD_URL="tcp://clamd:3310",
    )
    assert (backend, clamd) == ("storages.backends.s3.S3Storage", "tcp://clamd:3310")
    assert options == {
        "bucket_name": "portal-files",
        "endpoint_url": "http://objects:9000",
        "region_name": "us-west-2",
        "access_key": "key",
        "secret_key": "secret",
        "location": "files",
        "file_overwrite": False,
        "default_acl": None,
        "signature_version": "s3v4",
        "addressing_style": "path",
    }


def test_large_uploads_go_to_disk_under_a_limit():
    memory, disk = (import_string(path).__name__ for path in live.FILE_UPLOAD_HANDLERS)
    assert (memory, disk) == ("MemoryFileUploadHandler", "LimitedUploadHandler")
    assert live.FILE_UPLOAD_PERMISSIONS == 0o600


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as storing, reading and removing one object needs."""

    objects: dict[str, bytes] = {}

    def do_HEAD(self):
        self._say(200 if self.path in self.objects else 404)

    def do_GET(self):
        found = self.objects.get(self.path.partition("?")[0])
        self._say(404 if found is None else 200, found or b"")

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if "chunked" in self.headers.get("Content-Encoding", ""):
            size, _line, rest = data.partition(b"\r\n")
            data = rest[: int(size.split(b";")[0], 16)]
        self.objects[self.path] = data
        self._say(200)

    def do_DELETE(self):
        self.objects.pop(self.path, None)
        self._say(204)

    def _say(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def bucket(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    options = {
        **live.S3_FILES["OPTIONS"],
        "bucket_name": "portal",
        "endpoint_url": f"http://127.0.0.1:{server.server_address[1]}",
        "region_name": "us-west-2",
        "access_key": "key",
        "secret_key": "secret",
        "addressing_style": "path",
    }
    files = {"BACKEND": live.S3_FILES["BACKEND"], "OPTIONS": options}
    settings.STORAGES = {**live.STORAGES, "default": files}
    Bucket.objects.clear()
    yield Bucket.objects
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_goes_to_the_bucket_and_comes_back(bucket):
    with storage.kept(filing.upload()) as name:
        assert bucket == {f"/portal/files/{name}": filing.PDF}
    with storage.open_stored(name) as stored:
        assert stored.read() == filing.PDF
    with pytest.raises(FileNotFoundError):
        storage.open_stored("no/thing")
    with pytest.raises(ValueError, match="stop"), storage.kept(filing.upload(filing.JPEG)):
        raise ValueError("stop")
    assert bucket == {f"/portal/files/{name}": filing.PDF}
    default_storage.delete(name)
    assert bucket == {}
