"""The body that sets the demo's pace."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.base import Body
from api.schemas.out import Out


class PaceIn(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"speed": 10, "orders_per_second": 1.5}]})

    speed: Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)] | None = None
    orders_per_second: Annotated[float, Field(gt=0, le=50, allow_inf_nan=False)] | None = None


class PaceOut(Out):
    speed: float
    orders_per_second: float
