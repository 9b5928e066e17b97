"""Where Alembic finds the database: DB_HOST and the like, otherwise alembic.ini."""
import os

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url


def url():
    if "DB_HOST" not in os.environ:
        return make_url(context.config.get_main_option("sqlalchemy.url"))
    return URL.create(
        "postgresql+psycopg", username=os.environ.get("DB_USER", "postgres"),
        password=os.environ.get("DB_PASSWORD", "postgres"), host=os.environ["DB_HOST"],
        port=int(os.environ.get("DB_PORT", "5432")), database=os.environ["DB_NAME"])


if context.is_offline_mode():
    context.configure(url=url(), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url()).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
