"""The colours by their meaning, for light and dark, as measured in the contrast test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tokens:
    """One colour for each meaning: "#RRGGBB", or "#AARRGGBB" where something is painted over something else."""

    window: str
    sidebar: str
    raised: str
    inset: str
    user: str
    border: str
    border_strong: str
    border_control: str
    hover: str
    pressed: str
    hover_raised: str
    pressed_raised: str
    text: str
    text_2: str
    text_3: str
    disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    selection: str
    ok: str
    ok_soft: str
    hay: str
    hay_soft: str
    hay_line: str
    error: str
    error_soft: str
    gauge_1: str
    gauge_2: str
    gauge_3: str
    gauge_4: str
    syntax_keyword: str
    syntax_string: str
    syntax_comment: str
    syntax_name: str
    syntax_number: str
    tooltip: str
    tooltip_text: str
    scrim: str
    shadow: str
    shadow_edge: str
    unsure_shade: str
    unsure_strength: float
    """Opacity of the unsure_shade under a token of probability p is (1 - p) times this."""


LIGHT: Final = Tokens(
    window="#FCFBF8",
    sidebar="#F4F1EB",
    raised="#FFFFFF",
    inset="#F6F3ED",
    user="#F0ECE3",
    border="#E4DFD5",
    border_strong="#CDC6B9",
    border_control="#8F877A",
    hover="#EAE5DB",
    pressed="#E0DACE",
    hover_raised="#EAE5DB",
    pressed_raised="#E0DACE",
    text="#24211C",
    text_2="#5C564C",
    text_3="#6C665B",
    disabled="#A8A195",
    accent="#4553B5",
    accent_hover="#3A479F",
    accent_pressed="#303C8A",
    on_accent="#FFFFFF",
    accent_soft="#E7E9F7",
    selection="#CDD3F5",
    ok="#37702F",
    ok_soft="#E6F0E1",
    hay="#835600",
    hay_soft="#FAEFD6",
    hay_line="#C99A3C",
    error="#AD3529",
    error_soft="#FAE9E5",
    gauge_1="#8089CC",
    gauge_2="#4553B5",
    gauge_3="#C99A3C",
    gauge_4="#7DA673",
    syntax_keyword="#4553B5",
    syntax_string="#7A5200",
    syntax_comment="#716A5E",
    syntax_name="#8A2F63",
    syntax_number="#2F6B62",
    tooltip="#2B2823",
    tooltip_text="#F7F4EE",
    scrim="#5724211C",
    shadow="#29000000",
    shadow_edge="#E4DFD5",
    unsure_shade="#D69628",
    unsure_strength=0.62,
)

DARK: Final = Tokens(
    window="#1B1A18",
    sidebar="#151412",
    raised="#252320",
    inset="#141312",
    user="#2B2926",
    border="#35322D",
    border_strong="#4A463F",
    border_control="#7A7468",
    hover="#2A2825",
    pressed="#34312D",
    hover_raised="#34312D",
    pressed_raised="#3E3A35",
    text="#EBE7E0",
    text_2="#B9B2A6",
    text_3="#A09889",
    disabled="#665F55",
    accent="#9BA6F5",
    accent_hover="#B0B9F8",
    accent_pressed="#8591E6",
    on_accent="#14151F",
    accent_soft="#2A2C45",
    selection="#3A4170",
    ok="#8FC483",
    ok_soft="#1F2C1C",
    hay="#E3B45C",
    hay_soft="#33290F",
    hay_line="#A67F34",
    error="#F2897C",
    error_soft="#3A1F1B",
    gauge_1="#6470B8",
    gauge_2="#9BA6F5",
    gauge_3="#D3A449",
    gauge_4="#7DB070",
    syntax_keyword="#A9B2F7",
    syntax_string="#E3B45C",
    syntax_comment="#8F8778",
    syntax_name="#E59BC0",
    syntax_number="#83C5B8",
    tooltip="#EBE7E0",
    tooltip_text="#24211C",
    scrim="#80000000",
    shadow="#80000000",
    shadow_edge="#3D3933",
    unsure_shade="#D69628",
    unsure_strength=0.45,
)
