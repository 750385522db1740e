"""A pathway as SQL. Nodes are computed stage by stage, those of one depth in each, so that no database writes a node out
again wherever it is used."""


def over_columns(pathway, where="", fence=""):
    """From a table `learner` with the best level of each competency: l0, l1, …"""
    leaves = [f"l{competency} >= {least}" for competency, least in pathway["leaves"]]
    return query(pathway, "SELECT * FROM learner", leaves, where, fence)


def over_rows(pathway, where="", fence=""):
    """From a table `attainment` of (learner, competency, level). What a competency at a level says of the leaves is a few
    bits; those of a learner are or-ed, one aggregate instead of one for each competency. Learners without a row meet
    nothing, since no gate here is negated."""
    leaves = pathway["leaves"]
    assert len(leaves) <= 62, "the leaves do not fit into 63 bits"
    says = {(competency, level): sum(1 << number for number, (asked, least) in enumerate(leaves)
                                     if asked == competency and level >= least)
            for competency in sorted({competency for competency, _ in leaves}) for level in range(1, 5)}
    values = ", ".join(f"({competency}, {level}, {bits})" for (competency, level), bits in says.items() if bits)
    source = (f"SELECT learner, bit_or(bits) AS bits FROM attainment "
              f"JOIN (VALUES {values}) AS says(competency, level, bits) USING (competency, level) GROUP BY learner")
    return query(pathway, source, [f"(bits >> {number}) & 1 = 1" for number in range(len(leaves))], where, fence)


def query(pathway, source, leaves, where="", fence=""):
    """All counts. `where` is the word that the filter of an aggregate begins with; `fence` ends a stage, where a database
    would merge it with the next one and write its nodes out."""
    inner, carried, open_gates = source, [], dict(enumerate(pathway["gates"], len(leaves)))
    for number, stage in enumerate(stages(pathway, leaves)):
        made = [f"{expression} AS n{node}" for node, expression in stage]
        inner = f"SELECT {', '.join([f'n{node}' for node in carried] + made)} FROM ({inner}) AS stage{number} {fence}"
        for node, _ in stage:
            open_gates.pop(node, None)
        # Only what is counted, or what a later node is made of, goes on to the next stage.
        used = set(pathway["components"]).union(*(each["operands"] for each in open_gates.values()))
        carried = [node for node in carried + [node for node, _ in stage] if node in used]
    counts = ", ".join(f"count(*) FILTER ({where} n{node})" for node in pathway["components"])
    return f"SELECT {counts} FROM ({inner}) AS node"


def stages(pathway, leaves):
    """Of each depth the nodes with their expressions, the leaves first."""
    depth, found = [0] * len(leaves), [[(number, leaf) for number, leaf in enumerate(leaves)]]
    for number, each in enumerate(pathway["gates"], len(leaves)):
        depth.append(1 + max(depth[operand] for operand in each["operands"]))
        while len(found) <= depth[number]:
            found.append([])
        found[depth[number]].append((number, gate(each)))
    return found


def gate(gate):
    names, required = [f"n{operand}" for operand in gate["operands"]], gate["required"]
    if required == len(names):
        return "(" + " AND ".join(names) + ")"
    if required == 1:
        return "(" + " OR ".join(names) + ")"
    return "(" + " + ".join(f"{name}::integer" for name in names) + f" >= {required})"
