"""The entry of Gunicorn and of the `flask` command."""

from diecast_api import create_app

app = create_app()
