"""`python -m cssp.simulate FOLDER` writes the simulated survey of a study anew from its truth
file.
"""

import sys
from pathlib import Path

from cssp.simulate.survey import write_survey

for file in write_survey(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
    print(file)
