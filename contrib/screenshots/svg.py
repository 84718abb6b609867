#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""svg.py - a screen as `tmux capture-pane -e -p` prints it, from standard input to an SVG on standard output.

usage: svg.py TITLE COLUMNS [light]
"""
import re
import sys
import unicodedata
from html import escape

WIDTH, HEIGHT, BASE, PAD = 8, 17, 13, 10
DARK = {"fg": "#d4d4d4", "bg": "#1e1e1e"}
LIGHT = {"fg": "#24292f", "bg": "#ffffff"}
BASIC = ("000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 "
         "666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db ffffff").split()


def color(number):
    if number < 16:
        return "#" + BASIC[number]
    if number >= 232:
        return "#" + "%02x" % (8 + 10 * (number - 232)) * 3
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return "#%02x%02x%02x" % (steps[number // 36], steps[number // 6 % 6], steps[number % 6])


def apply(style, codes):
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style.clear()
        elif code in (1, 3, 4, 7):
            style[{1: "bold", 3: "italic", 4: "line", 7: "reverse"}[code]] = True
        elif code in (22, 23, 24, 27):
            style.pop({22: "bold", 23: "italic", 24: "line", 27: "reverse"}[code], None)
        elif code in (38, 48) and codes[:1] == [5]:
            style["fg" if code == 38 else "bg"] = color(codes[1])
            del codes[:2]
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["fg"] = color(code - 30 if code < 90 else code - 82)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style["bg"] = color(code - 40 if code < 100 else code - 92)
        elif code in (39, 49):
            style.pop("fg" if code == 39 else "bg", None)


def cells(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def runs(line, style):
    """Pieces of a line in one style: (column, columns, text, style)."""
    column = 0
    for piece in re.split("(\033\\[[0-9;]*m)", line):
        if piece.startswith("\033["):
            apply(style, piece[2:-1])
        elif piece:
            columns = sum(map(cells, piece))
            yield column, columns, piece, dict(style)
            column += columns


def draw(row, column, columns, text, style, theme):
    fg, bg = style.get("fg", theme["fg"]), style.get("bg")
    if style.get("reverse"):
        fg, bg = bg or theme["bg"], fg
    x, y = PAD + column * WIDTH, PAD + row * HEIGHT
    if bg:
        yield f'<path fill="{bg}" d="M{x} {y}h{columns * WIDTH}v{HEIGHT}h-{columns * WIDTH}z"/>'
    # Words stand at their own columns, so that no font can move what follows.
    for word in re.finditer(r"\S+(?: \S+)*", text):
        at = column + sum(map(cells, text[:word.start()]))
        wide = sum(map(cells, word.group())) * WIDTH
        more = "" if fg == theme["fg"] else f' fill="{fg}"'
        more += ' font-weight="bold"' if style.get("bold") else ""
        more += ' text-decoration="underline"' if style.get("line") else ""
        yield (f'<text x="{PAD + at * WIDTH}" y="{y + BASE}" textLength="{wide}"'
               f' lengthAdjust="spacingAndGlyphs"{more}>{escape(word.group())}</text>')


def main():
    title, columns = sys.argv[1], int(sys.argv[2])
    theme = LIGHT if "light" in sys.argv[3:] else DARK
    lines = sys.stdin.read().rstrip("\n").split("\n")
    width, height = columns * WIDTH + 2 * PAD, len(lines) * HEIGHT + 2 * PAD
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">')
    print(f'<rect width="100%" height="100%" rx="6" fill="{theme["bg"]}"/>')
    print(f'<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="13" fill="{theme["fg"]}" '
          'xml:space="preserve">')
    style = {}
    for row, line in enumerate(lines):
        for run in runs(line, style):
            print("\n".join(draw(row, *run, theme)))
    print("</g></svg>")


main()
