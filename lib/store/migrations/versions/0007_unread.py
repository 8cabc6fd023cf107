"""Moments that nothing read are kept no longer."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("runs", "heartbeat_at")
    op.drop_column("batches", "answered_at")
    op.drop_column("firings", "fired_at")
