"""Commands for the person who runs the shop: `flask --app wsgi …`."""

from __future__ import annotations

import sys

import click
import marshmallow as ma
from flask import Flask
from flask.cli import AppGroup

from diecast_api.accounts import service as accounts
from diecast_api.accounts.schemas import Register
from diecast_api.clients.storage import current_storage

storage_group = AppGroup("storage", help="The object store.")
users_group = AppGroup("users", help="Accounts of staff.")


def register_commands(app: Flask) -> None:
    """Add the shop's commands to the `flask` command."""
    app.cli.add_command(storage_group)
    app.cli.add_command(users_group)


@storage_group.command("init")
def storage_init() -> None:
    """Make the bucket and let anybody read what is public in it. The same twice."""
    current_storage().initialise()
    click.echo("The bucket is ready.")


@users_group.command("create-owner")
@click.option("--email", required=True)
@click.option("--full-name", required=True)
def create_owner(email: str, full_name: str) -> None:
    """Make an owner, or make an owner of an account; the password is read from standard input."""
    password = sys.stdin.readline().rstrip("\n")
    try:
        person = Register().load({"email": email, "full_name": full_name, "password": password})
    except ma.ValidationError as error:
        raise click.ClickException(f"Not an account that can be made: {error.messages}") from error
    accounts.ensure_owner(**person)
    click.echo(f"{person['email']} is an owner.")
