"""Whether the connection that was taken away from an export was shared with contributors."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    flag = sa.Column("was_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("exports", flag)
    op.execute("UPDATE exports SET active = false WHERE connection_id IS NULL")
