"""How texts read where respondents are told apart by an item and not by their sector."""

from __future__ import annotations

#: Texts in which "sector" means whatever makes the groups; those of who rates whom and of the
#: sector profile are not among them, since these stay with the sectors.
BY_SECTOR = (
    "Respondents by city and sector",
    "Answers that were not given, by item, city and sector; fewest answers first",
    "Answers to the central items by city and sector",
    "Net balance of each item by city and sector",
    "City against city within each sector",
    "City against city: rank-biserial correlations within each sector",
    "City against city with the mix of sectors held equal",
    "City against city: raw, and with the mix of sectors held equal",
    "City against city: van Elteren's test within sectors",
    "Odds of a higher answer by city and sector",
    "Do the sectors of a city differ at all? Kruskal–Wallis test of each item",
    "Sector against sector within each city",
    "Sector against sector: rank-biserial correlations within each city",
    "with equal shares of the sectors",
    "Dots with intervals in pairs: the difference of the cities' balances as it stands, and with "
    "the mix of sectors held equal; where the two lie together, the mix does not explain the "
    "difference.",
    "Of {count} comparisons of cities with the mix of sectors held equal, {clear} keep a corrected "
    "p under {alpha} (van Elteren's test).",
    "The largest part that the mix of sectors has in a difference is {part} of {raw} points "
    "(“{item}”, {a} against {b}; n = {n_a} and {n_b}).",
    "In {k} of {count} comparisons p of Q is under {alpha} before any correction (about {expected} "
    "would be so by chance): {list}. There it is worth looking at the sectors one by one; that the "
    "sectors differ is not shown.",
    "“{item}” ({a} against {b}: Q = {q}, {strata} sectors, p = {p}; n = {n_a} and {n_b})",
)
#: Such a text -> the same of groups.
BY_GROUP = {text: text.replace("sector", "group").replace("Sector", "Group") for text in BY_SECTOR}
