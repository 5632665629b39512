"""A stand-in for Midtrans: Snap, the Core API, the payment page and signed notifications.

A program of its own, started by `python -m devstack.simulator`; the shop talks to it over HTTP
only, through `midtransclient`. README.md beside this file shows how to drive it.
"""
