"""Commands: ``flask …``."""

from flask import Flask

from app.cli import (
    codes,
    demo,
    exports,
    group,
    imports,
    indices,
    org,
    pay,
    people,
    privacy,
    story,
    trial,
    wechat,
    worker,
)


def register(app: Flask) -> None:
    """Make every command known."""
    for command in (
        codes.codes,
        demo.demo,
        exports.exports,
        group.group,
        imports.imports,
        indices.indices,
        org.org,
        pay.pay,
        people.people,
        privacy.privacy,
        story.story,
        trial.trial,
        wechat.wechat,
        worker.worker,
    ):
        app.cli.add_command(command)
