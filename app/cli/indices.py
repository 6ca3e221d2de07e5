"""``flask indices``: read the indices of a unit, and let other weights count, for an operator."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.transaction import transaction
from services.errors import ServiceError
from services.indices import publishing, rates
from services.indices import weights as weighing
from services.indices.counting import By, Row
from services.indices.publishing import Asked
from services.indices.rates import Weights

DAY = click.DateTime(["%Y-%m-%d"])
indices = AppGroup("indices", help="三率：响应率、解决率、满意率；看数字，定权重。")


@contextmanager
def _acting() -> Iterator[Session]:
    """One transaction; a refusal is printed as it is."""
    try:
        with transaction() as session:
            yield session
    except ServiceError as error:
        raise click.ClickException(error.detail) from error


@indices.command("show", help="看一个单位的三率：UNIT 是单位编号（flask org tree 里有）。")
@click.argument("unit", type=int)
@click.option("--month", help="哪个月，写成 2026-11；不写就是这个月。")
@click.option("--months", type=click.IntRange(1, 12), default=1, help="连同前面一共几个月。")
@click.option("--by", type=click.Choice(list(By)), default=By.UNIT, help="按什么分：单位、类别、师傅、月份。")
def show(unit: int, month: str | None, months: int, by: str) -> None:
    """Print the indices of a unit."""
    with _acting() as session:
        asked = Asked(unit, publishing.period(month, months, now=utc_now()))
        found = publishing.indices(session, actor=None, asked=asked, by=By(by))
    for row in (*found.rows, found.whole):
        click.echo(_line(row, found.weights))


@indices.command("weights", help="从哪一天起换一套权重：响应、解决、满意，加起来是100。")
@click.argument("response", type=int)
@click.argument("resolution", type=int)
@click.argument("satisfaction", type=int)
@click.option("--from", "starts_on", type=DAY, required=True, help="从哪一天起（年-月-日）。")
@click.option("--unit", type=int, help="只算哪个单位和它下面；不写就是所有没有自己权重的单位。")
def weights(response: int, resolution: int, satisfaction: int, starts_on: dt.datetime, unit: int | None) -> None:
    """Let other weights count from a day on."""
    with _acting() as session:
        weighing.change(
            session,
            actor=None,
            unit_id=unit,
            weights=Weights(response, resolution, satisfaction),
            starts_on=starts_on.date(),
            now=utc_now(),
        )
    click.echo(f"记下了：从{starts_on:%Y-%m-%d}起，响应{response}、解决{resolution}、满意{satisfaction}。")


def _line(row: Row, weights: Weights) -> str:
    found = row.rates
    named = (("响应率", found.response), ("解决率", found.resolution), ("满意率", found.satisfaction))
    parts = [f"{name} {_said(rates.said(rate.percent))}（{rate.of}件）" for name, rate in named]
    score = rates.said(found.score(weights))
    return f"{row.name}：" + "，".join(parts) + (f"，得分 {score}" if score else "")


def _said(percent: str | None) -> str:
    return f"{percent}%" if percent is not None else "还没有"
