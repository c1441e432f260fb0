"""The pages of documents as a browser uses them."""

from django.urls import reverse

DOCUMENTS = "applications:documents"


def sent_to(application):
    return reverse("applications:application_documents", args=[application.pk])


def post(client, application, file, kind="other", **extra):
    return client.post(sent_to(application), {"kind": kind, "file": file, **extra})


def page(client, url=None):
    response = client.get(url or reverse(DOCUMENTS))
    assert response.status_code == 200
    return response.content.decode()


def link(file):
    return reverse("applications:file", args=[file.pk])


def fetched(client, file):
    response = client.get(link(file))
    return response.status_code, b"".join(response) if response.streaming else b""
