import pytest
from django.db import connection
from django.urls import reverse


@pytest.mark.django_db
def test_health_says_ok_to_anybody_when_the_database_answers(client):
    response = client.get(reverse("healthz"))
    assert response.status_code == 200
    assert (response.content, response["Content-Type"]) == (b"ok", "text/plain")


@pytest.mark.django_db
def test_health_asks_the_database_once(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get(reverse("healthz"))


@pytest.mark.django_db
def test_health_is_an_error_when_the_database_does_not_answer(client, settings):
    client.raise_request_exception = False
    with connection.execute_wrapper(_away):
        assert client.get(reverse("healthz")).status_code == 500


def _away(execute, sql, params, many, context):
    raise connection.Database.OperationalError("the database is away")
