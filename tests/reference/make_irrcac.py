"""Values of irrCAC 0.4.4 for coders' marks, some missing: python make_irrcac.py > irrcac.yaml (in an environment of its own: irrCAC pins old versions).

The marks are drawn once with a fixed seed and stored beside the values, so the tests need neither irrCAC nor the same generator.
"""

import numpy as np
import pandas as pd
import yaml
from irrCAC.raw import CAC

rng = np.random.default_rng(7)
cases = []
for coders, units, share, missing in (
    (2, 30, 0.4, 0.0),
    (3, 28, 0.15, 0.2),
    (4, 40, 0.7, 0.3),
    (5, 25, 0.5, 0.1),
):
    truth = rng.random(units) < share
    marks = np.where(rng.random((units, coders)) < 0.82, truth[:, None], ~truth[:, None]).astype(
        float
    )
    marks[rng.random((units, coders)) < missing] = np.nan
    marks = marks[np.isfinite(marks).any(axis=1)]
    told = CAC(pd.DataFrame(marks), digits=10)
    values = {
        "fleiss": told.fleiss()["est"],
        "ac1": told.gwet()["est"],
        "alpha": told.krippendorff()["est"],
        "bp": told.bp()["est"],
    }
    case = {"marks": [[None if np.isnan(v) else int(v) for v in row] for row in marks]}
    case["percent_agreement"] = round(float(values["ac1"]["pa"]), 10)
    case |= {name: round(float(value["coefficient_value"]), 10) for name, value in values.items()}
    cases.append(case)
print(
    "# Made by make_irrcac.py with irrCAC 0.4.4; alpha is irrCAC's, which rounds coincidences as Krippendorff does."
)
print(yaml.safe_dump({"cases": cases}, sort_keys=False, width=200, default_flow_style=None), end="")
