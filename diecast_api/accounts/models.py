"""Users and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from diecast_api.accounts.permissions import PERMISSIONS_OF, Permission, Role
from diecast_api.orm import Base, Identified, Timestamped, utc_now

_ROLES = ", ".join(f"'{role}'" for role in Role)


class User(Identified, Timestamped, Base):
    """A customer or a member of staff; staff are those who hold a role."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint(f"roles <@ ARRAY[{_ROLES}]::text[]", name="known_roles"),
    )

    email: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'::text[]")
    )
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    email_verified_at: Mapped[datetime | None]

    @property
    def is_admin(self) -> bool:
        """Whether this is a member of staff, of any role."""
        return bool(self.roles)

    @property
    def email_verified(self) -> bool:
        """Whether the address was shown to be theirs."""
        return self.email_verified_at is not None

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles holds the permission."""
        return any(permission in PERMISSIONS_OF[Role(role)] for role in self.roles)


class UserSession(Identified, Base):
    """A sign-in and the family of refresh tokens that grew from it.

    `refresh_token_hash` is the SHA-256 of the id of the one refresh token that is good now; any
    older one of the family was spent.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    refresh_token_hash: Mapped[str] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_used_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
