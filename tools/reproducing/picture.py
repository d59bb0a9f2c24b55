"""Pairs before and after as bars: an SVG without fonts or scripts of its own, the same bytes for the same numbers."""

from xml.sax.saxutils import escape

WIDTH, PANEL, LEFT, BAR, GAP, HEAD = 760, 380, 74, 11, 10, 46
BEFORE, AFTER, INK, GRID = "#9aa5b1", "#1769aa", "#1f2933", "#dde3ea"


def text(x, y, words, anchor="start", size=12):
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{INK}">{escape(words)}</text>'


def panel(x, y, title, rows):
    """One data set: two bars a pair, on a scale from 0 to the largest value."""
    longest = max(max(before, after) for _, before, after in rows)
    room = PANEL - LEFT - 70
    lines = [text(x, y, title, size=13)]
    y += 12
    for pair, before, after in rows:
        lines.append(text(x + LEFT - 8, y + BAR + 4, pair, "end"))
        for value, colour in ((before, BEFORE), (after, AFTER)):
            # A negative correlation has no bar; its number says so.
            width = max(0.0, value / longest * room) if longest > 0 else 0.0
            lines.append(f'<rect x="{x + LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>')
            lines.append(text(x + LEFT + width + 5, y + BAR - 1.5, f"{value:.3f}", size=10))
            y += BAR + 1
        y += GAP
    return lines


def bars(panels, before, after):
    """- panels: (title, [(pair, before, after)]), two side by side."""
    tall = 24 + 5 * (2 * BAR + 2 + GAP) + 16
    height = HEAD + tall * ((len(panels) + 1) // 2)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" role="img" '
        f'aria-label="Pairs that gain most from {escape(before)} to {escape(after)}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<rect x="16" y="12" width="12" height="12" fill="{BEFORE}"/>',
        text(34, 23, before),
        f'<rect x="{WIDTH // 2}" y="12" width="12" height="12" fill="{AFTER}"/>',
        text(WIDTH // 2 + 18, 23, after),
        f'<line x1="0" x2="{WIDTH}" y1="32" y2="32" stroke="{GRID}"/>',
    ]
    for number, (title, rows) in enumerate(panels):
        lines += panel(16 + (number % 2) * PANEL, HEAD + 8 + (number // 2) * tall, title, rows)
    return "\n".join([*lines, "</svg>", ""])
