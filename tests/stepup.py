"""What a person does who types the password again."""

import time


def confirm_identity(client, user, ago=0):
    """Record in the client's session that `user` typed the password again `ago` seconds ago."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - ago, "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
