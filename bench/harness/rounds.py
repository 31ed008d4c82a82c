# bench/harness/rounds.py: contestants turn by turn, and the table of medians and ratios.
import statistics


def play(bench, task, rounds, progress):
    """contestant -> figure -> one value a round. Every round begins with another contestant."""
    values = {contestant: {} for contestant in task.CONTESTANTS}
    for turn in range(rounds):
        first = turn % len(task.CONTESTANTS)
        for contestant in task.CONTESTANTS[first:] + task.CONTESTANTS[:first]:
            progress(f"round {turn + 1} of {rounds}: {contestant}")
            for figure, value in task.measure(bench, contestant).items():
                values[contestant].setdefault(figure, []).append(value)
    return values


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(mine, base):
    """The median; against the first contestant the median, least and greatest of the rounds' ratios."""
    median = number(statistics.median(mine))
    if mine is base or not all(base):
        return median
    ratios = [m / b for m, b in zip(mine, base)]
    spread = f", {min(ratios):.2f}–{max(ratios):.2f}" if len(ratios) > 1 else ""
    return f"{median} ({statistics.median(ratios):.2f}×{spread})"


def table(task, values):
    """Markdown: a row a figure, a column a contestant."""
    first = values[task.CONTESTANTS[0]]
    figures = list(dict.fromkeys(figure for by_figure in values.values() for figure in by_figure))
    lines = [["", *task.CONTESTANTS]]
    for figure in figures:
        lines.append([figure] + [cell(values[c][figure], first[figure]) for c in task.CONTESTANTS])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = ["| " + " | ".join(word.ljust(width) for word, width in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
