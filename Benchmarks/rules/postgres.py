"""The same evaluation by PostgreSQL, over the first learners of what RulesBench exported into a folder: attainments as rows,
and a wide table with each learner's best level of a competency. Every component must be counted as numpy counts it.

    postgres.py FOLDER [--learners 100000] [--rounds 1] -- PSQL …

PSQL is psql with what it needs to reach an empty database as somebody who may make tables. Adds to peers.json."""
import argparse
import io
import json
import os
import re
import statistics
import subprocess
import sys

import numpy as np
import pyarrow
import pyarrow.csv

import peers
import sql

# Compiling each expression takes longer than it saves here.
SETTINGS = "SET jit = off; SET work_mem = '256MB'"


def psql(program, *commands, data=None):
    words = program + ["--tuples-only", "--no-align"] + [word for command in commands for word in ("--command", command)]
    done = subprocess.run(words, input=data, capture_output=True, cwd="/")
    if done.returncode:
        raise SystemExit(f"postgres.py: {done.stderr.decode().strip()}")
    return done.stdout.decode()


def copy(program, table, columns):
    text = io.BytesIO()
    pyarrow.csv.write_csv(pyarrow.table(columns), text, pyarrow.csv.WriteOptions(include_header=False))
    psql(program, f"COPY {table} FROM STDIN (FORMAT csv)", data=text.getvalue())


def load(program, data, learners):
    learner, competency, level = data.rows()
    chosen = learner < learners
    psql(program, "CREATE TABLE attainment (learner integer NOT NULL, competency smallint NOT NULL, level smallint NOT NULL)")
    copy(program, "attainment", {"learner": learner[chosen], "competency": competency[chosen], "level": level[chosen]})
    columns = ", ".join(f"l{number} smallint NOT NULL" for number in range(len(data.columns)))
    psql(program, f"CREATE TABLE learner ({columns})")
    copy(program, "learner", {f"l{number}": column[:learners] for number, column in enumerate(data.columns)})
    psql(program, "VACUUM ANALYZE attainment", "VACUUM ANALYZE learner")


def measure(program, name, query, wanted, rounds):
    times = []
    # The first round warms the caches.
    for _ in range(rounds + 1):
        counts, passed = psql(program, SETTINGS, "\\timing on", query).strip().split("\n")[-2:]
        if [int(count) for count in counts.split("|")] != wanted:
            raise SystemExit(f"postgres.py: {name} counts differently")
        times.append(float(re.search(r"[0-9.]+", passed)[0]))
    times = times[1:]
    print(f"{name}, 1 pathway: {statistics.median(times):.3f} ({min(times):.3f}–{max(times):.3f}) ms, counts agree", flush=True)
    return {"engine": name, "pathways": 1, "unit": "ms", "median": statistics.median(times), "low": min(times),
            "high": max(times), "rounds": len(times)}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--learners", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=1)
    place = sys.argv.index("--")
    options, program = arguments.parse_args(sys.argv[1:place]), sys.argv[place + 1:]
    data = peers.Data(options.folder)
    learners = min(options.learners, len(data.levels))
    pathway = data.pathways[0]
    load(program, data, learners)
    data.levels, data.columns = data.levels[:learners], [column[:learners] for column in data.columns]
    wanted = peers.numpy_bits(data, [pathway])(pathway)
    of = f"{learners:,} learners"
    # OFFSET 0 keeps the planner from merging the stages.
    figures = [
        {**measure(program, f"PostgreSQL {kind}, {of}", query, wanted, options.rounds), "learners": learners}
        for kind, query in [("columns", sql.over_columns(pathway, "WHERE", "OFFSET 0")),
                            ("rows", sql.over_rows(pathway, "WHERE", "OFFSET 0"))]]
    path = os.path.join(options.folder, "peers.json")
    known = json.load(open(path)) if os.path.exists(path) else []
    with open(path, "w") as file:
        json.dump([figure for figure in known if not figure["engine"].startswith("PostgreSQL")] + figures, file, indent=1)


main()
