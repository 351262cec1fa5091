"""Values of PySAL's inequality, to compare with. Run in an environment of its own that has inequality 1.1.2:

python tests/reference/make_desk.py > tests/reference/desk_pysal.yaml
"""

import warnings

import inequality
import numpy as np
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

warnings.simplefilter("ignore")
CASES = {
    # the incomes of the examples of R's ineq and DescTools
    "incomes": (
        [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261],
        [0, 0, 0, 1, 1, 1, 1, 2, 2, 2],
    ),
    "few": ([1, 2, 3, 4], [0, 0, 1, 1]),
    "alike": ([5.0, 5.0, 5.0, 7.0], [0, 1, 0, 1]),
    "skewed": (
        [round(float(v), 6) for v in np.random.default_rng(7).lognormal(0, 1, 60)],
        [i % 5 for i in range(60)],
    ),
}
print(f"software: inequality {inequality.__version__}")
print("cases:")
for name, (x, groups) in CASES.items():
    x, groups = np.array(x, dtype=float), np.array(groups)
    parts = TheilD(x, groups)
    print(f"  - name: {name}\n    x: {x.tolist()}\n    groups: {groups.tolist()}")
    print(f"    gini: {float(Gini(x).g)!r}\n    theil: {float(np.ravel(Theil(x).T)[0])!r}")
    print(
        f"    between: {float(np.ravel(parts.bg)[0])!r}\n    within: {float(np.ravel(parts.wg)[0])!r}"
    )
