"""What can go wrong with accounts."""

from diecast_api.errors import Conflict, Unauthenticated


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class InvalidCredentials(Unauthenticated):
    """Address and password do not belong together; which of them is wrong is not said."""

    code = "invalid_credentials"


class TokenReused(Unauthenticated):
    """The refresh token was spent before; its whole family is closed."""

    code = "token_reused"
