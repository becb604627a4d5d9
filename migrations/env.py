"""How Alembic runs here: inside the transaction that `bot.store.migrate` has opened, so that a migration happens
whole or not at all, and once even if several processes start together."""

from alembic import context

from bot.store.migrate import VERSION_TABLE
from bot.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
context.run_migrations()
