"""The same evaluation by other engines, over what RulesBench exported into a folder: every component of each pathway over
all learners, as counts. Rows are attainments (learner, competency, level); columns hold each learner's best level of a
competency; bit sets one bit for each learner, competency and level. Every engine must find the counts of pathways.json.

    peers.py FOLDER [--rounds 5] [--pathways 20] [--rows-pathways 1]

An engine whose package is missing is skipped with a message. Writes peers.json into the folder."""
import argparse
import json
import os
import statistics
import time

import sql

COMPETENCIES = 120

try:
    import numpy as np
except ImportError:
    raise SystemExit("peers.py: numpy is missing, so no other engine is measured")

class Data:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "pathways.json")) as file:
            self.pathways = json.load(file)
        levels = np.fromfile(os.path.join(folder, "levels.bin"), dtype=np.uint8)
        self.levels = levels.reshape(-1, COMPETENCIES)
        self.columns = [np.ascontiguousarray(self.levels[:, number]) for number in range(COMPETENCIES)]

    def rows(self):
        read = lambda name, kind: np.fromfile(os.path.join(self.folder, name), dtype=kind)
        return read("learner.bin", np.uint32), read("competency.bin", np.uint8), read("level.bin", np.uint8)


# --- DuckDB -----------------------------------------------------------------------------------------------------------

def duckdb_rows(data, chosen):
    import duckdb
    learner, competency, level = data.rows()
    database = duckdb.connect()
    source = {"learner": learner, "competency": competency, "level": level}
    database.register("source", arrow(source))
    database.execute("CREATE TABLE attainment AS SELECT * FROM source")
    database.unregister("source")
    return lambda pathway: list(database.execute(sql.over_rows(pathway)).fetchone())


def duckdb_columns(data, chosen):
    import duckdb
    database = duckdb.connect()
    source = {f"l{number}": column for number, column in enumerate(data.columns)}
    database.register("source", arrow(source))
    database.execute("CREATE TABLE learner AS SELECT * FROM source")
    database.unregister("source")
    return lambda pathway: list(database.execute(sql.over_columns(pathway)).fetchone())


def arrow(source):
    import pyarrow
    return pyarrow.table(source)


# --- Polars -----------------------------------------------------------------------------------------------------------

def polars_columns(data, chosen):
    import polars
    frame = polars.DataFrame({f"l{number}": column for number, column in enumerate(data.columns)})

    def run(pathway):
        lazy = frame.lazy().select([
            (polars.col(f"l{competency}") >= least).alias(f"n{number}")
            for number, (competency, least) in enumerate(pathway["leaves"])])
        # Gates by depth, so that each step is one parallel selection.
        depth = [0] * len(pathway["leaves"])
        for gate in pathway["gates"]:
            depth.append(1 + max(depth[operand] for operand in gate["operands"]))
        for step in range(1, max(depth) + 1):
            lazy = lazy.with_columns([
                polars_gate(polars, gate).alias(f"n{number}")
                for number, gate in enumerate(pathway["gates"], len(pathway["leaves"])) if depth[number] == step])
        return list(lazy.select([polars.col(f"n{node}").sum().alias(f"c{number}")
                                 for number, node in enumerate(pathway["components"])]).collect().row(0))
    return run


def polars_gate(polars, gate):
    names, required = [f"n{operand}" for operand in gate["operands"]], gate["required"]
    if required == len(names):
        return polars.all_horizontal(names)
    if required == 1:
        return polars.any_horizontal(names)
    total = polars.col(names[0]).cast(polars.UInt8)
    for name in names[1:]:
        total = total + polars.col(name).cast(polars.UInt8)
    return total >= required


# --- numpy ------------------------------------------------------------------------------------------------------------

def numpy_bits(data, chosen):
    wanted = {tuple(leaf) for pathway in chosen for leaf in pathway["leaves"]}
    learners = data.levels.shape[0]
    words = (learners + 63) // 64

    def plane(competency, least):
        bits = np.packbits(data.columns[competency] >= least, bitorder="little")
        return np.pad(bits, (0, words * 8 - len(bits))).view(np.uint64)
    planes = {leaf: plane(*leaf) for leaf in wanted}

    def fold(function, operands):
        outcome = operands[0].copy()
        for operand in operands[1:]:
            function(outcome, operand, out=outcome)
        return outcome

    def gate(operands, required):
        if required == len(operands):
            return fold(np.bitwise_and, operands)
        if required == 1:
            return fold(np.bitwise_or, operands)
        # Saturating: reached[k] has who is met by more than k operands.
        reached = [operands[0].copy()]
        for operand in operands[1:]:
            carry = operand
            for place, known in enumerate(reached):
                both = known & carry
                known |= carry
                carry = both
            if len(reached) < required:
                reached.append(carry)
        return reached[required - 1]

    def run(pathway):
        nodes = [planes[tuple(leaf)] for leaf in pathway["leaves"]]
        for each in pathway["gates"]:
            nodes.append(gate([nodes[operand] for operand in each["operands"]], each["required"]))
        return [int(np.bitwise_count(nodes[node]).sum()) for node in pathway["components"]]
    return run


# --- Measuring --------------------------------------------------------------------------------------------------------

ENGINES = [
    ("numpy bit sets", numpy_bits, False), ("Polars columns", polars_columns, False),
    ("DuckDB columns", duckdb_columns, False), ("DuckDB rows", duckdb_rows, True),
]


def measure(name, make, data, count, rounds):
    chosen = data.pathways[:count]
    begun = time.perf_counter()
    run = make(data, chosen)
    made = time.perf_counter() - begun
    for number, pathway in enumerate(chosen):
        if run(pathway) != pathway["met"]:
            raise SystemExit(f"peers.py: {name} counts pathway {number} differently")
    figures = []
    for size in sorted({1, count}):
        times = []
        for _ in range(rounds):
            # A slow engine gets fewer rounds.
            if sum(times) > 10_000:
                break
            begun = time.perf_counter()
            for pathway in chosen[:size]:
                run(pathway)
            times.append((time.perf_counter() - begun) * 1000)
        figures.append({"engine": name, "pathways": size, "unit": "ms", "median": statistics.median(times),
                        "low": min(times), "high": max(times), "rounds": len(times), "loadSeconds": made})
        print(f"{name}, {size} pathway{'s' if size > 1 else ''}: {statistics.median(times):.3f} "
              f"({min(times):.3f}–{max(times):.3f}) ms, counts agree", flush=True)
    return figures


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--pathways", type=int, default=20)
    arguments.add_argument("--rows-pathways", type=int, default=1)
    options = arguments.parse_args()
    data, figures = Data(options.folder), []
    for name, make, is_rows in ENGINES:
        count = min(len(data.pathways), options.rows_pathways if is_rows else options.pathways)
        try:
            figures += measure(name, make, data, count, options.rounds)
        except ImportError as problem:
            print(f"{name}: skipped, {problem.name} is not installed", flush=True)
        with open(os.path.join(options.folder, "peers.json"), "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
