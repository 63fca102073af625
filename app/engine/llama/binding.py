"""The functions of llama.cpp, without the rest of the binding.

`import llama_cpp` would bring its own chat formats, caches and server's helpers along: a quarter of a second, numpy and
sqlite3. The one module that declares the C functions needs none of them: its package is entered by the side door.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from app.engine.builds import LIBRARY_PATH_VARIABLE
from app.engine.llama.loading.build_check import check_build

__all__ = ["api"]

if "llama_cpp" not in sys.modules:
    if _folder := os.environ.get(LIBRARY_PATH_VARIABLE):
        check_build(Path(_folder))
    _spec = importlib.util.find_spec("llama_cpp")
    if _spec is None or _spec.submodule_search_locations is None:
        raise ImportError("llama-cpp-python is not installed")
    _package = ModuleType("llama_cpp")
    _package.__path__ = list(_spec.submodule_search_locations)
    sys.modules["llama_cpp"] = _package

from llama_cpp import llama_cpp as api
