"""The shape of what a configuration says of ``serve`` and ``worker``: where to listen, how to work, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from trackersync.config.amounts import Share
from trackersync.config.part import Part
from trackersync.connector import Span
from trackersync.connector.settings import Length

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - any moment will do to read an expression


def _when(value: object) -> object:
    """Read a cron expression, or a span; ``off`` (which YAML reads as false) for never."""
    if value is False or value == "off":
        return None
    if isinstance(value, str) and len(value.split()) >= 5:
        try:
            CronSim(value, _EPOCH)
        except CronSimError as error:
            raise PydanticCustomError("when", "an interval or a cron expression is needed here") from error
        return " ".join(value.split())
    return value


When = Annotated[
    Span | str | None,
    BeforeValidator(_when),
    WithJsonSchema({"title": "interval or cron", "anyOf": [{"type": "string"}, {"const": False}]}),
]
"""An interval (``5 min``), a cron expression (``*/5 * * * *``, in the calendar's time zone), or never (``off``)."""


class ScheduleSettings(Part):
    """When a service does by itself what nobody told it to do."""

    sync: When = Field(
        default=timedelta(minutes=5),
        description="When what changed is read, so that what a webhook lost is found: an interval, a cron expression, "
        "or `off`.",
        examples=["*/5 * * * *"],
    )
    full_scan: When = Field(
        default=timedelta(days=1),
        description="When everything is read anew and decided anew; that finds what was deleted.",
        examples=["0 3 * * *"],
    )
    check: When = Field(
        default=timedelta(hours=1), description="When the rules are asked, for the metrics.", examples=["0 * * * *"]
    )
    jitter: Length = Field(
        default=timedelta(seconds=10),
        description="Each run begins up to so much later, so that many services do not ask at one moment.",
        examples=["1 min"],
    )


class ServiceSettings(Part):
    """How ``serve`` and ``worker`` do their work."""

    host: str = Field(default="127.0.0.1", description="The address `serve` listens at.", examples=["10.0.0.7"])
    port: int = Field(default=8484, ge=0, le=65535, description="The port `serve` listens at.", examples=[8080])
    address: str | None = Field(
        default=None,
        description="Where the trackers reach it, for `hooks install`.",
        examples=["https://sync.acme.example"],
        json_schema_extra={"pattern": "^https?://"},
    )
    abreast: int = Field(default=8, ge=1, le=64, description="How many tasks are looked at side by side.", examples=[4])
    tries: int = Field(
        default=5, ge=1, description="After how many failures in a row a task is set aside.", examples=[10]
    )
    objective: Share = Field(
        default=0.99,
        description="The part of the edits that is to be reflected within each tracker's `fresh`.",
        examples=["99.9%"],
    )
    keep: Span = Field(
        default=timedelta(days=30), description="How long the ids of deliveries are remembered.", examples=["60 d"]
    )
    schedule: ScheduleSettings = Field(
        default=ScheduleSettings(), description="When a service does by itself what nobody told it to do."
    )
