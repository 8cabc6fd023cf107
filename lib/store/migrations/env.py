"""Alembic's entry: runs on the connection that ``lib.store.upgrade`` hands over."""

from alembic import context

from lib.store.tables import metadata

if context.is_offline_mode():
    context.configure(
        dialect_name=context.config.attributes["dialect"],
        target_metadata=metadata,
        literal_binds=True,
        output_buffer=context.config.attributes.get("output"),
    )
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
with context.begin_transaction():
    context.run_migrations()
