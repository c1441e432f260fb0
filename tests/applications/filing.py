"""Files of every kind as bytes, and a scanner that speaks clamd's protocol."""

import io
import socketserver
import struct
import threading
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.domain import attachments

OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet.main+xml"),
}
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
EXE = b"MZ\x90\x00" + b"\x00" * 60 + b"PE\x00\x00"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40
HTML = b"<!doctype html><script>alert(1)</script>"
EICAR = PDF + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def png() -> bytes:
    """Return a picture of one black point."""

    def chunk(kind, data):
        return (
            struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        )

    head = struct.pack("!2I5B", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\x00\x00")
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """Return a ZIP file of `parts`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def office(kind: str, main: str = "", **more: bytes | str) -> bytes:
    """Return a docx or xlsx; `main` is another media type of its main part."""
    part, media = MAIN[kind]
    types = f'<Types><Override PartName="/{part}" ContentType="{main or media}"/></Types>'
    return zipped({"[Content_Types].xml": types, part: "<w/>", **more})


def upload(data: bytes = PDF, name: str = "report.pdf") -> SimpleUploadedFile:
    """Return `data` as a form receives it."""
    return SimpleUploadedFile(name, data)


def sized(size: int, name: str = "large.pdf") -> SimpleUploadedFile:
    """Return a PDF of exactly `size` bytes."""
    return upload(PDF[:-6] + b" " * (size - len(PDF)) + PDF[-6:], name)


def add(application, by, data: bytes = PDF, name: str = "report.pdf", kind: str = "other"):
    """Add a file to an application."""
    return attachments.add(application, kind=kind, file=upload(data, name), name=name, by=by)


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.readline() == b"nINSTREAM\n"
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        self.server.received.append(data)
        self.wfile.write(self.server.answer(data) + b"\n")


class FakeClamd(socketserver.ThreadingTCPServer):
    """A clamd that finds the EICAR test text and nothing else; `answer` can be replaced."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.received: list[bytes] = []
        self.answer = self.verdict
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"

    @staticmethod
    def verdict(data: bytes) -> bytes:
        found = b"EICAR" in data
        return b"stream: Eicar-Test-Signature FOUND" if found else b"stream: OK"

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join(5)
