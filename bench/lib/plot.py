# SPDX-License-Identifier: BSD-2-Clause
"""Bars as standalone SVG."""

import math
from xml.sax.saxutils import escape

from lib.report import has_log, ratio
from lib.servers import NULL

COLOURS = ("#c0392b", "#2c7fb8", "#7fcdbb", "#8e7cc3", "#d9a441", "#888888")
LEFT, WIDTH, BAR, GAP = 190, 560, 13, 16


def _text(x, y, text, extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{extra}>{escape(text)}</text>'


def bars(title, groups, names, most, log=False, form=".2f"):
    """Groups of bars: (label, mark or 0, {name: value}).

    A value above most is cut off, and its number says so; with log a bar's
    length is that of the logarithm.
    """
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}

    def scale(value):
        if log:
            return WIDTH * math.log10(1 + value) / math.log10(1 + most)
        return WIDTH * min(value / most, 1)

    y = 34
    body = [_text(12, 20, title, ' font-weight="bold" font-size="14"')]
    for i, name in enumerate(names):
        body += [f'<rect x="{12 + 125 * i}" y="{y}" width="10" height="10" '
                 f'fill="{colour[name]}"/>',
                 _text(26 + 125 * i, y + 9, name)]
    y += 28
    for label, mark, values in groups:
        top = y
        for name in names:
            if name not in values:
                continue
            length = scale(values[name])
            body += [f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" '
                     f'height="{BAR - 2}" fill="{colour[name]}"/>',
                     _text(LEFT + length + 4, y + 10,
                           format(values[name], form))]
            y += BAR
        body.append(_text(LEFT - 8, (top + y) / 2 + 3, label,
                          ' text-anchor="end"'))
        if mark:
            x = LEFT + scale(mark)
            body.append(f'<path d="M{x:.1f} {top - 3}V{y + 1}" '
                        'stroke="#111" stroke-dasharray="3 2"/>')
        y += GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{LEFT + WIDTH + 90}" height="{y}" '
            'font-family="sans-serif" font-size="11">\n'
            '<rect width="100%" height="100%" fill="#fff"/>\n'
            + "\n".join(body) + "\n</svg>\n")


def ratios(result):
    """CPU a request in times the null server's, and what to reach."""
    names = list(result["versions"])
    groups = []
    for label, workload in result["workloads"].items():
        rows = workload["rows"]
        values = {name: ratio(rows, name, NULL) for name in names}
        values = {name: value for name, value in values.items() if value}
        if values:
            groups.append((label, 0 if has_log(rows) else workload["goal"],
                           values))
    return bars("CPU a request, in times the null server's "
                "(dashed: to reach; cut at 4)", groups, names, 4)
