"""Where a message is written, and where the model that will answer it is chosen."""

from app.ui.composer.composer import Composer
from app.ui.composer.model_choice import EngineCondition, EngineState, ModelChoice

__all__ = ["Composer", "EngineCondition", "EngineState", "ModelChoice"]
