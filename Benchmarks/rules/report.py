"""Prints what `ops/bench rules` measured next to its goals, and draws it: report.py FOLDER PLOTS.
Needs nothing but Python; reads figures.json, and peers.json and large.json where they are."""
import json
import os
import sys

folder, plots = sys.argv[1], sys.argv[2]


def load(name):
    path = os.path.join(folder, name)
    return json.load(open(path)) if os.path.exists(path) else None


measured = load("figures.json")
peers = load("peers.json") or []
large = load("large.json") or []
figures = {figure["name"]: figure for figure in measured["figures"]}
many = measured["pathways"]


def find(start):
    return next((figure for name, figure in figures.items() if name.startswith(start)), None)


def number(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def spread(figure, unit=""):
    return f"{number(figure['median'])} ({number(figure['low'])}–{number(figure['high'])}) {unit}".strip()


# --- The table --------------------------------------------------------------------------------------------------------

rows = []


def row(title, goal, figure, unit, holds):
    rows.append((title, goal, spread(figure, unit), "" if holds is None else "yes" if holds(figure["median"]) else "NO"))


row("columns from attainments, all pathways", "≤ 0.5 s", find("columns for"), "s", lambda value: value <= 0.5)
row("480 columns from level bytes, C", "", find("480 columns"), "s", None)
for work in ("evaluation", "rehearsal of two versions"):
    row(f"{work}, one pathway, ours", "≤ 5 ms", figures[f"{work}, one pathway, ours"], "ms", lambda value: value <= 5)
    row(f"{work}, {many} pathways, ours", "≤ 60 ms", figures[f"{work}, {many} pathways, ours"], "ms",
        lambda value: value <= 60)
    for several in ("one pathway", f"{many} pathways"):
        two = find(f"{work}, {several}, ours on 2 cores")
        if two:
            most = 5 if several == "one pathway" else 60
            row(f"{work}, {several}, ours on 2 cores", f"≤ {most} ms", two, "ms", lambda value, most=most: value <= most)
for name, figure in figures.items():
    if " / C " in name:
        same = "SSE2" in name or "baseline" in name
        row(name, "≤ 4" if same else "", figure, "", (lambda value: value <= 4) if same else None)
    elif ", C " in name and not name.startswith("480"):
        row(name, "", figure, "ms", None)
for peer in peers:
    row(f"evaluation, {peer['pathways']} pathway{'s' if peer['pathways'] > 1 else ''}, {peer['engine']}", "", peer, "ms", None)
    own = figures.get("evaluation, one pathway, ours" if peer["pathways"] == 1 else f"evaluation, {many} pathways, ours")
    least = {"Polars columns": 5, "DuckDB rows": 300}.get(peer["engine"])
    if own and peer["pathways"] in (1, many) and "learners" not in peer:
        ratio = {"median": peer["median"] / own["median"], "low": peer["low"] / own["high"],
                 "high": peer["high"] / own["low"]}
        row("    that / ours", f"≥ {least}" if least else "", ratio, "", (lambda value: value >= least) if least else None)
row("an edited rule, from its document to the report", "", find("an edited rule"), "ms", None)
row("memory beyond the attainments", "≤ 200 MB", find("memory beyond"), "MB", lambda value: value <= 200)
width = max(len(title) for title, *_ in rows)
print(f"{measured['learners']:,} learners, {measured['attainments']:,} attainments; medians (lowest–highest)\n")
print(f"{'figure':{width}}  {'goal':>8}  {'measured':<34} holds")
for title, goal, value, holds in rows:
    print(f"{title:{width}}  {goal:>8}  {value:<34} {holds}")
for each in measured.get("oneLearner", []):
    print(f"{each['name']}: p50 {number(each['p50'])}, p90 {number(each['p90'])}, p99 {number(each['p99'])}, highest "
          f"{number(each['highest'])} {each['unit']} of {each['calls']} (goal at the median: "
          f"{'≤ 20 µs' if 'reasons' in each['name'] else '≤ 5 ms' if 'ways' in each['name'] else '≤ 2 µs'})")
for size in large:
    print(f"{size['learners']:,} learners: attainments {size['attainmentBytes'] / 1e6:,.0f} MB, beyond them "
          f"{size['bytesBeyond'] / 1e6:,.0f} MB, columns {size['columnsSeconds'] * 1000:,.0f} ms, "
          f"rehearsal {spread(size['rehearsal'], 'ms')}")


# --- Plots ------------------------------------------------------------------------------------------------------------

def text(x, y, words, anchor="start", size=13):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def drawing(name, title, description, width, height, parts):
    with open(os.path.join(plots, name), "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                   f'height="{height}" role="img" font-family="sans-serif" fill="#222">\n<title>{title}</title>\n'
                   f'<desc>{description}</desc>\n<rect width="{width}" height="{height}" fill="white"/>\n'
                   + "\n".join(parts) + "\n</svg>\n")


def bars():
    """One pathway over everybody, by engine, on a logarithmic scale."""
    entries = [("Cairn", figures["evaluation, one pathway, ours"], True)]
    entries += [(name.split(", ", 2)[2], figure, False) for name, figure in figures.items()
                if name.startswith("evaluation, one pathway, C ")]
    entries += [(peer["engine"], peer, False) for peer in peers if peer["pathways"] == 1 and "learners" not in peer]
    entries.sort(key=lambda entry: entry[1]["median"])
    import math
    low = math.floor(math.log10(min(entry[1]["low"] for entry in entries)))
    high = math.ceil(math.log10(max(entry[1]["high"] for entry in entries)))
    left, right, top = 190, 780, 60
    place = lambda value: left + (math.log10(value) - low) / (high - low) * (right - left)
    parts = [text(20, 28, f"One pathway of 40 components over {measured['learners']:,} learners, ms (logarithmic)", size=16)]
    bottom = top + 30 * len(entries)
    for power in range(low, high + 1):
        x = place(10 ** power)
        parts += [f'<line x1="{x:.1f}" y1="{top - 10}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>',
                  text(x, bottom + 18, f"{10 ** power:g}", "middle")]
    for row, (name, figure, ours) in enumerate(entries):
        y = top + 30 * row
        parts += [text(left - 8, y + 14, name, "end"),
                  f'<rect x="{left}" y="{y}" width="{place(figure["median"]) - left:.1f}" height="20" '
                  f'fill="{"#1b6ca8" if ours else "#9ab"}"/>',
                  f'<line x1="{place(figure["low"]):.1f}" y1="{y + 10}" x2="{place(figure["high"]):.1f}" y2="{y + 10}" stroke="#222"/>',
                  text(place(figure["high"]) + 6, y + 14, number(figure["median"]))]
    said = "; ".join(f"{name} {number(figure['median'])} ms" for name, figure, _ in entries)
    drawing("rules-engines.svg", "One pathway over the whole population, by engine", said, 860, bottom + 40, parts)


def growth():
    """Time and memory by the number of learners."""
    sizes = sorted(large, key=lambda size: size["learners"])
    parts = [text(20, 28, "Growing populations: rehearsal of two versions, and memory beyond the attainments", size=16)]
    most = sizes[-1]["learners"]
    for panel, (title, value) in enumerate([
            ("rehearsal, ms", lambda size: size["rehearsal"]["median"]),
            ("columns made, ms", lambda size: size["columnsSeconds"] * 1000),
            ("memory, MB", lambda size: size["bytesBeyond"] / 1e6)]):
        left, top, wide, tall = 60 + panel * 290, 70, 210, 190
        highest = max(map(value, sizes)) or 1
        point = lambda size: (left + size["learners"] / most * wide, top + tall - value(size) / highest * tall)
        parts += [text(left, top - 14, title), f'<path d="M{left} {top}V{top + tall}H{left + wide}" fill="none" stroke="#888"/>',
                  '<polyline fill="none" stroke="#1b6ca8" stroke-width="2" points="'
                  + " ".join(f"{x:.1f},{y:.1f}" for x, y in map(point, sizes)) + '"/>']
        for size in sizes:
            x, y = point(size)
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1b6ca8"/>',
                      # To the right of the first point, which is near the axis.
                      text(x + 8, y + 4, number(value(size)), "start", 11) if x - left < 40
                      else text(x - 6, y - 8, number(value(size)), "end", 11),
                      text(x, top + tall + 18, f"{size['learners'] / 1e6:g} M", "middle", 11)]
    said = "; ".join(f"{size['learners']:,} learners: {number(size['rehearsal']['median'])} ms, "
                     f"{size['bytesBeyond'] / 1e6:,.0f} MB" for size in sizes)
    drawing("rules-growth.svg", "Time and memory by the number of learners", said, 920, 310, parts)


bars()
if large:
    growth()
