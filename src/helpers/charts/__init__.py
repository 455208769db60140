"""Charts a reader sees: one figure object for JupyterLab, the page, csv and Word, drawn from released values alone.

chart.py: what a chart is, and how it shows itself. drawing.py: the figure, the style, the cleaned SVG.
lines.py: change over time. rows.py: one row per group, with intervals or bars. funnel.py: places by their size.
ranks.py: places by the ranks they could hold. sparkline.py: a line in a table cell.
"""

from helpers.charts.chart import Chart
from helpers.charts.funnel import funnel_chart
from helpers.charts.lines import line_chart
from helpers.charts.ranks import rank_chart, rank_words
from helpers.charts.rows import bar_chart, interval_chart
from helpers.charts.sparkline import Sparkline, sparkline

__all__ = [
    "Chart",
    "Sparkline",
    "bar_chart",
    "funnel_chart",
    "interval_chart",
    "line_chart",
    "rank_chart",
    "rank_words",
    "sparkline",
]
