"""The release of this code base."""

VERSION = "0.1.0"
