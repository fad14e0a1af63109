"""What every section of the configuration is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A section: unknown keys are refused, nothing of it can be changed, and no error of it prints what was read."""

    # Errors would otherwise print what was read, and that may be a secret.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
