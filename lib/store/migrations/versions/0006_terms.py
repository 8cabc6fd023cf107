"""The wording that was agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "connections",
        sa.Column("agreed_terms", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
    # Whoever made a practice connection was never asked.
    op.execute(
        "UPDATE connections SET agreed_by = NULL, agreed_terms = 'No consent is needed: the "
        "connection leads to this machine, and no data leave it.' "
        "WHERE practice AND agreed_at IS NOT NULL"
    )
