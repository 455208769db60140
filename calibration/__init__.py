"""How often the statistics are wrong, measured: false findings, coverage of intervals, power beside other tests.

`python -m calibration` runs every study (about ten minutes on two cores), `python -m calibration power london` those
named; both write calibration/results.csv and, from it, docs/calibration.md. Each study runs the functions of `helpers`
that make the pages, never a copy of them, on made-up children whose truth is known. Where every possible count can be
gone through, the chances are added up and nothing is drawn; elsewhere children are drawn from the seed that stands in
the row. The same code gives the same file on every run.
"""
