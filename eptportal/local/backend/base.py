"""Starts the embedded cluster when the first connection is asked for."""

from pathlib import Path

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from eptportal.local.postgres import Cluster, ensure_running

__all__ = ["DatabaseWrapper", "is_psycopg3"]


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL over a private socket; nothing runs until a command needs the database."""

    def get_new_connection(self, conn_params):
        """Open a connection, starting the server first when it does not run."""
        embedded = self.settings_dict["EMBEDDED"]
        ensure_running(
            Cluster(
                data=Path(embedded["data"]),
                sockets=Path(self.settings_dict["HOST"]),
                user=self.settings_dict["USER"],
                database="eptportal",
                durable=embedded["durable"],
            )
        )
        return super().get_new_connection(conn_params)
