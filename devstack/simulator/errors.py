"""Why the simulator does not do what it was asked."""


class NotUnderstoodError(ValueError):
    """A setting, script, outage, event or mischief that makes no sense; the text says why."""


class NotPossibleError(Exception):
    """What was asked does not fit the state of things; `message` says why in Midtrans's words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RefundRefusedError(NotPossibleError):
    """A refund Midtrans would not make; `code` is the body's `status_code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
