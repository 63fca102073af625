"""Puts into a template's own code what counts its steps and measures its values."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer
from typing_extensions import override


class GenerationTag(Extension):
    """`{% generation %}` marks the assistant's words for training; for a prompt it means nothing."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own way to declare it

    @override
    def parse(self, parser: Parser) -> list[nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def insert_bounds(template: nodes.Template) -> nodes.Template:
    """Have `template` call `TemplateSandbox` and its budget wherever it makes or compares something."""
    _InsertBounds().visit(template)
    return template


class _InsertBounds(NodeTransformer):
    """Makes each round of a loop and each macro count, and each value that is put together be measured."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named after the node
        return self._counting(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802 - named after the node
        return self._counting(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802 - named after the node
        return self._counting(node)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(node)
        node.filter = nodes.Filter(node.filter, "taken", [], [], None, None, lineno=node.lineno)  # pyright: ignore[reportArgumentType] - a block's filter has no node of its own
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(node)
        return _call("concatenate", node.nodes, node.lineno)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - named after the node
        self.generic_visit(node)
        node.expr = _call("stepped", [node.expr], node.lineno)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802 - named after the node
        return self._measured(node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802 - named after the node
        return self._measured(node) if node.ctx == "load" else self.generic_visit(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802 - named after the node
        return self._measured(node)

    def _counting(self, node: nodes.For | nodes.Macro | nodes.CallBlock) -> nodes.Node:
        """Count a step, and the words that are written in it in any case."""
        written = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        count = _call("budget.step", [nodes.Const(written)], node.lineno)
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(count, lineno=node.lineno))
        return node

    def _measured(self, node: nodes.List | nodes.Tuple | nodes.Dict) -> nodes.Node:
        try:
            node.as_const()
        except nodes.Impossible:
            pass
        else:
            return node  # it can only be as large as the template's source
        self.generic_visit(node)
        return _call("budget.taken", [node], node.lineno)


def _call(method: str, arguments: list[nodes.Expr], lineno: int) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), arguments, [], None, None, lineno=lineno)
