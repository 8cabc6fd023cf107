"""Schedules with approved rules, and who is told what."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("exports", sa.Column("rules_approved_revision", sa.Integer()))
    op.add_column("plans", words("trigger"))
    op.add_column("runs", words("rail"))
    op.create_table(
        "firings",
        sa.Column("export_id", sa.Text(), nullable=False),
        moment("due_at"),
        moment("fired_at"),
        sa.Column("plan_id", sa.Text()),
        words("note"),
        sa.PrimaryKeyConstraint("export_id", "due_at", name=op.f("pk_firings")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        words("kind"),
        words("address"),
        sa.Column("ciphertext", sa.LargeBinary()),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        moment("created_at"),
        words("created_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name_key", name=op.f("uq_channels_name_key")),
    )
    op.create_table(
        "conditions",
        sa.Column("export_id", sa.Text(), nullable=False),
        words("condition"),
        words("run_id"),
        moment("at"),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_conditions")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        moment("at"),
        words("event"),
        words("export_id"),
        words("run_id"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        moment("sent_at", nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        moment("next_at", nullable=True),
        words("error"),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_notices_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
