"""``flask worker``: carries messages out and keeps the timetable, until it is told to stop."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.worker import Worker, drain


@click.command("worker", help="送消息、按时间表办事，直到叫它停（可以同时开好几个）。")
@click.option("--once", is_flag=True, help="把现在该办的办完就停。")
@with_appcontext
def worker(*, once: bool) -> None:
    """Deliver messages and run the timetable (any number of these may run)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - threads need the real one
    if once:
        click.echo(f"办完 {drain(app, seconds=60)} 件。")
        return
    Worker(app).run()
