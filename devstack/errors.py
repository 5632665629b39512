"""What the development stack says to the person in front of it when it cannot go on."""


class DevstackError(Exception):
    """One clear line for a person; `details` holds what to show below it, such as a log's end."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details
