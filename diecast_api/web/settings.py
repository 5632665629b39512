"""The settings of the running application."""

from flask import current_app

from diecast_api.config import Settings


def current_settings() -> Settings:
    """The settings this application was made with."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
