"""Where bytes are: random names, hashes, nothing left behind after a failure."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile

from applications import storage
from tests.applications import filing


def stored_files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_file_is_measured_piece_by_piece_up_to_a_limit():
    data = b"x" * (3 * storage.CHUNK + 5)
    file = filing.upload(data)
    file.read(7)
    assert storage.measure(file, limit=len(data)) == (len(data), hashlib.sha256(data).hexdigest())
    assert file.tell() == 0
    size, _hash = storage.measure(file, limit=10)
    assert size == storage.CHUNK


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_stored_file_has_a_random_name_and_can_be_read(files_folder, on_disk):
    file = filing.upload()
    if on_disk:
        file = TemporaryUploadedFile("report.pdf", "application/pdf", 0, None)
        file.write(filing.PDF)
        file.seek(0)
    with storage.kept(file) as name:
        pass
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{38}", name)
    assert stored_files(files_folder) == [name]
    assert (files_folder / name).stat().st_mode & 0o777 == 0o600
    with storage.open_stored(name) as stored:
        assert stored.read() == filing.PDF
    file.close()


def test_a_failure_takes_the_file_out_again(files_folder):
    with pytest.raises(KeyboardInterrupt), storage.kept(filing.upload()) as name:
        assert stored_files(files_folder) == [name]
        raise KeyboardInterrupt
    assert stored_files(files_folder) == []


def test_what_is_not_there_is_said(files_folder):
    with pytest.raises(FileNotFoundError):
        storage.open_stored("no/thing")
