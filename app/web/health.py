"""For machines that watch: is the process up, can it work, what does it measure."""

import datetime as dt
from dataclasses import asdict

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import observing
from app.database import HEAD, migrated
from app.settings import vault
from app.transaction import transaction
from services import channels, health
from services.sealing import keyring

blp = Blueprint("health", __name__)


@blp.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@blp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether it can work: database there, migrated, its data keys readable, worker running, nothing stuck."""
    now = dt.datetime.now(dt.UTC)
    version = migrated()
    if version != HEAD:
        return jsonify(status="not migrated", database=version, code=HEAD), 503
    with transaction(read_only=True) as session:
        if needed := keyring.unreadable(session, vault().masters):
            return jsonify(status="master key missing", data_keys=needed), 503
        queue = health.queue(session, now=now)
        quiet = health.quiet_jobs(session, now=now)
        found = channels.conditions(session)
    status = "ok" if not quiet and not queue.late and not channels.in_trouble(found) else "degraded"
    said = {one.channel: asdict(one) for one in found}
    return jsonify(status=status, migration=version, outbox=queue.__dict__, quiet_jobs=quiet, channels=said), 200


@blp.get("/metrics")
def metrics() -> Response:
    """Return the measures in Prometheus' text format."""
    return Response(generate_latest(observing.registry()), mimetype=CONTENT_TYPE_LATEST)
