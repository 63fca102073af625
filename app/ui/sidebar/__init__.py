"""The list of conversations, the search over them, and the ways to the other pages."""

from app.ui.sidebar.sidebar import Sidebar, SidebarAction

__all__ = ["Sidebar", "SidebarAction"]
