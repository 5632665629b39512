"""${message}

Must be safe for the release before this one, which is still running while this is applied:
add first, fill and switch in a later release, drop in the one after. `env.py` sets `lock_timeout`.

Revision: ${up_revision}
Before:   ${down_revision | comma,n}
Made:     ${create_date}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
