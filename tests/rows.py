#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""rows.py DIR RUNS DOCUMENT: the files of --out DIR are those of a whole session with RUNS runs.

As a spreadsheet reads them (strict CSV, every row as long as the first), as pandas does, and with the
columns that DOCUMENT describes, no more and no less. Prints what is wrong and exits 1.
"""
import csv
import json
import re
import sys

import pandas

R2 = ["implementation", "message_size", "threads", "throughput_gbps", "avg_latency_us", "cycles",
      "instructions", "context_switches", "cache_references", "cache_misses"]
KEY = ["implementation", "message_size", "threads", "path", "mode", "repeat", "traced"]
WORDS = ["implementation", "path", "mode", "traced", "copies_per_byte_evidence", "why_invalid",
         "reason_codes"]


def want(true, what):
    if not true:
        sys.exit(f"rows.py: {what}")


def documented(document):
    """The names in code in the section on results.csv; a name with SIDE or SITE stands for several."""
    text = open(document, encoding="utf-8").read()
    section = re.search(r"^### The columns of `results.csv`$(.*?)(?:^#|\Z)", text, re.M | re.S).group(1)
    table = "\n".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))
    names = re.findall(r"`([A-Za-z0-9_]+)`", table)
    table = re.search(r"^#define SITES\(X\)(.*?)^$", open("bpf/sites.h", encoding="utf-8").read(), re.M | re.S)
    sites = re.findall(r"^\s+X\(\w+, \"(\w+)\"", table.group(1), re.M)
    for name in names:
        if "SITE" in name:
            yield from (name.replace("SITE", site) for site in sites)
        elif "SIDE" in name:
            yield from (name.replace("SIDE", side) for side in ("sender", "receiver"))
        else:
            yield name


def as_spreadsheet(path, runs):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    want(len(rows) == runs + 1, f"{path}: {len(rows) - 1} rows, not {runs}")
    for number, row in enumerate(rows, 1):
        want(len(row) == len(rows[0]), f"{path}: row {number} has {len(row)} cells of {len(rows[0])}")
    want(rows[0][:10] == R2, f"{path}: begins with {rows[0][:10]}")
    return rows[0]


def as_pandas(path, runs):
    table = pandas.read_csv(path)
    want(len(table) == runs, f"pandas reads {len(table)} rows")
    want(table["valid"].dtype == bool and table["valid"].all(),
         "not valid:\n" + table[~table["valid"]][KEY + ["why_invalid"]].to_string())
    for column in table.columns:
        word = column in WORDS or column.endswith("_evidence") or column == "valid"
        want(word or pandas.api.types.is_numeric_dtype(table[column]), f"{column} is no number")
    want(not table.duplicated(KEY).any(), "a run is there twice")
    want(sorted(table["sequence"]) == list(range(1, runs + 1)), "the sequence has a gap")
    want((table["throughput_gbps"] > 0).all(), "a throughput is not above 0")
    traced = table["traced"].notna()
    want(traced.sum() * 2 == runs, "not every run has a baseline run")
    for column in ("residual_send", "residual_receive"):
        want((table.loc[traced, column] == 0).all(), f"{column} is not 0")
        want(table.loc[~traced, column].isna().all(), f"{column} of a run without probes")
    copies = table["copies_per_byte"]
    want((copies[traced] >= 1).all() and copies[~traced].isna().all(), "copies_per_byte")
    return table


def main():
    directory, runs, document = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    header = as_spreadsheet(f"{directory}/results.csv", runs)
    names = list(documented(document))
    want(sorted(names) == sorted(header), f"{document} and the header differ in {set(names) ^ set(header)}")
    table = as_pandas(f"{directory}/results.csv", runs)
    with open(f"{directory}/runs.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    want([line["sequence"] for line in lines] == list(table["sequence"]), "the two files differ")
    summary = as_summary(f"{directory}/summary.csv")
    print(f"{runs} runs of {summary} combinations")


def as_summary(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    for row in rows:
        want(float(row["throughput_gbps"]) > 0 and row["tracing_cost"] != "", f"{path}: {row}")
    return len(rows)


main()
