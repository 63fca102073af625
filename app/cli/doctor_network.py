"""What `doctor` says of the network: the policy, and every connection that was made or refused."""

from __future__ import annotations

from typing import Final

from app.cli.printing import Json, print_line, print_table, readable_size, rfc3339
from app.network.ledger import LedgerEntry
from app.parts import ModelParts
from app.translation import tr, trn

_SHOWN_ENTRIES: Final = 10
_SMALL: Final = 100_000


def network_report(parts: ModelParts) -> dict[str, Json]:
    """Give the policy and the whole ledger, newest last."""
    content = parts.online.ledger.read()
    return {
        "policy": parts.settings.settings.network.policy,
        "ledger": [_json(entry) for entry in content.entries],
        "damaged_lines": content.damaged_lines,
    }


def print_network(parts: ModelParts) -> None:
    """Print the policy and the newest lines of the ledger."""
    content = parts.online.ledger.read()
    print_line(tr("Network"))
    print_line(tr("  policy: {policy}", policy=parts.settings.settings.network.policy))
    if not content.entries:
        print_line(tr("  Nothing was ever sent, and nothing was refused."))
    elif len(content.entries) > _SHOWN_ENTRIES:
        print_line(
            tr("  The newest {shown} of {all:,} lines of the ledger; --json prints all.",
               shown=_SHOWN_ENTRIES, all=len(content.entries))
        )  # fmt: skip
    print_table([_row(entry) for entry in content.entries[-_SHOWN_ENTRIES:]])
    if content.damaged_lines:
        print_line(
            trn("  {count:,} line of the ledger cannot be read.", "  {count:,} lines of the ledger cannot be read.",
                content.damaged_lines)
        )  # fmt: skip


def _json(entry: LedgerEntry) -> dict[str, Json]:
    return {
        "at": rfc3339(entry.at),
        "host": entry.host,
        "purpose": entry.purpose,
        "bytes": entry.bytes,
        "sent": entry.sent,
        "result": entry.result,
    }


def _row(entry: LedgerEntry) -> list[str]:
    size = (
        readable_size(entry.bytes) if entry.bytes >= _SMALL else trn("{count:,} byte", "{count:,} bytes", entry.bytes)
    )
    return [rfc3339(entry.at), entry.host, size, entry.result, entry.purpose]
