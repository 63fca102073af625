"""Markdown as models write it, whole and broken: what the tests of the transcript draw from."""

from __future__ import annotations

import itertools
from typing import Final

from hypothesis import strategies as st

CONVERSATION_REPLY: Final = """**The shorter period in § 17 applies: three months.** § 4 is the general rule of the \
printed form; § 17 was added by hand later and says that it replaces “all earlier agreements on notice”.

| Clause | What it says | Where | Notice |
|:--|:--|:--|--:|
| § 4 (2) | Longer notice after five years of tenancy | page 3 | 6 months |
| § 17 | One period for both sides, whatever the length of stay | page 9 | 3 months |

1. On 1 May 2024 the tenant passed five years, so § 4 alone would ask for six months.
2. § 17 is the later and more specific text; a court would normally read it first.
3. I can't see a signature beside § 17 in this copy. **Check the original before you rely on it.**
"""

CODE_REPLY: Final = '''Yes. Two things cost you: a `dict` for every row, and a list that holds them all. Pick by \
position and yield:

```python
def read_rows(path: Path, wanted: frozenset[str]) -> Iterator[Row]:
    """Rows of the wanted columns, one at a time; memory stays flat."""
    with path.open("rb") as file:
        header = next(csv.reader([file.readline().decode()]))
        keep = [i for i, name in enumerate(header) if name in wanted]
        pick = itemgetter(*keep)          # one call instead of a loop
        for line in csv.reader(TextIOWrapper(file, newline="")):
            yield Row._make(pick(line))
```

With *c* columns kept out of *n*, the work per row falls from *O(n)* dictionary inserts to a single tuple \
of length *c*. On your file that is

- **about 12 seconds** instead of 41, and
- less than **40 MB** of memory.
'''

LINES: Final = st.sampled_from(
    [
        "Some plain words here",
        "word",
        "**bold words** and *soft ones* then plain",
        "a `code` span, a [link](https://example.org/a_b) and https://example.org/x).",
        "# Heading",
        "## Closed heading ##",
        "Setext",
        "===",
        "---",
        "- item",
        "- item two with **bold**",
        "* other bullet",
        "  - nested item",
        "   continuation",
        "    indented",
        "1. one",
        "1. one again",
        "2. two",
        "10) ten",
        "   - under a number",
        "> quoted",
        "> - quoted item",
        ">> deeper",
        "lazy",
        "```python",
        "```",
        "~~~",
        "``",
        "   ```",
        "  ```js",
        "x = 1",
        "| a | b |",
        "|---|:-:|",
        "| 1 | **2** |",
        "| 1 |",
        "a | b",
        "***",
        "-",
        "1.",
        "[Alice]: Hello",
        "[Alice] and ![an image](file:///etc/passwd)",
        "<think>html</think> <br> &amp; &am",
        "\\*no emphasis\\* ~~struck~~",
        "tab\tinside",
        "\ttab",
        "trailing  ",
        "ends with return\r",
        "*",
        "- שלום עולם",
        "1. 2024 مرحبا",
        "_under_score_ and snake_case",
        "http://a.b/c?d=e&f",
        "",
        "",
        "",
    ]
)
MARKDOWN: Final = st.lists(LINES, max_size=14).map("\n".join)
NOISE: Final = st.text(alphabet=st.sampled_from(list("ab1 .)\n\n\t-*_`~#>|[](!<&;:\\\r")), max_size=40)
ANY_TEXT: Final = st.one_of(MARKDOWN, NOISE, st.text(max_size=40), st.tuples(MARKDOWN, NOISE).map("".join))


@st.composite
def pieces(draw: st.DrawFn, texts: st.SearchStrategy[str] = ANY_TEXT) -> tuple[str, list[str]]:
    """A text, and the same text cut into pieces anywhere."""
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, max(0, len(text))), max_size=len(text) + 1)))
    edges = [0, *cuts, len(text)]
    return text, [text[start:end] for start, end in itertools.pairwise(edges)]
