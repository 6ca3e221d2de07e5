import threading

import pytest
import sqlalchemy as sa

from app import create_app
from app.extensions import db
from app.transaction import READ_ENGINE, transaction
from tests.databases import settings_for
from tests.fakes import fake_gateways


@pytest.fixture
def real_app(databases):
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def test_readers_do_not_wait_for_a_writer(real_app):
    found = []

    def read():
        with real_app.app_context(), transaction(read_only=True) as session:
            found.append(session.scalar(sa.text("select count(*) from ticket_category")))

    with transaction() as session:
        session.execute(sa.text("update ticket_category set position = position"))
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(5)

    assert found == [24]
