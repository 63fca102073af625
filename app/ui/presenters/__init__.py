"""Connects the widgets with what lies below them: a presenter holds the rules, a widget only shows and asks."""
