"""A headless shop for diecast model cars."""

from diecast_api.application import create_app

__all__ = ["create_app"]
