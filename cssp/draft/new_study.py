"""A new, empty study with comments, to be filled in."""

from __future__ import annotations

from pathlib import Path

from cssp.study.problems import StudyError, short_path
from cssp.study.write_files import folder_in_place, write_text

_STUDY = """\
# A study. Every key is explained in docs/study-files.md; `cssp check` tells what is missing or
# wrong.
title: {en: My study, ru: Моё исследование}
languages: [en, ru]            # every label below needs a wording in each of these languages

sectors:                       # kinds of respondents
  authorities: {label: {en: Authorities, ru: Власть}}
  business: {label: {en: Business, ru: Бизнес}}
  npo: {label: {en: Non-profits, ru: НКО}}

themes:                        # they tie indicators, items and codes together in notebook 04
  money: {label: {en: Money, ru: Деньги}}

cities: [my_city]              # a folder cities/NAME with a city.yaml for each
smallest_cell: 5               # groups with fewer respondents are not shown

corrections:                   # comparisons of one family are corrected for their number together
  method: holm                 # or fdr_bh, none
  families:
    main: {label: {en: main questions, ru: главные вопросы}, sections: [main]}
"""


_QUESTIONNAIRE = """\
# The codebook of the survey: scales with their answers from low to high, sections of items.
scales:
  rating:
    answers:                   # valence: which side an answer counts on; weight: how strongly (rosstat balance)
      - {code: 1, label: {en: very poor, ru: очень плохо}, valence: negative, weight: 1}
      - {code: 2, label: {en: poor, ru: плохо}, valence: negative, weight: 0.5}
      - {code: 3, label: {en: average, ru: средне}, valence: neutral}
      - {code: 4, label: {en: good, ru: хорошо}, valence: positive, weight: 0.5}
      - {code: 5, label: {en: very good, ru: очень хорошо}, valence: positive, weight: 1}
    special:                   # answers outside the scale
      - {code: 97, label: {en: hard to say, ru: затрудняюсь ответить}, means: hard_to_say}
      - {code: 99, label: {en: not asked, ru: не спрашивали}, means: not_asked}

sections:
  - name: main
    label: {en: Main questions, ru: Главные вопросы}
    focus: true                # the notebooks draw the answers of focus sections in full
    items:
      - name: npo_useful       # type: ordinal, single, multiple, ranking, numeric, open
        type: ordinal
        scale: rating
        theme: money
        rated: npo             # whom the item rates
        label: {en: usefulness of non-profits, ru: польза НКО}
        wording: {en: "How do you rate the usefulness of non-profits?", ru: "Как Вы оцениваете пользу НКО?"}
"""


_CODES = """\
# The code system of the interviews: groups with codes below them. means: barrier, resource or
# neutral.
codes:
  - name: grp_resources
    label: {en: Access to resources, ru: Доступ к ресурсам}
    definition: {en: "Premises, people, money.", ru: "Помещения, люди, деньги."}
    codes:
      - name: too_little_money
        label: {en: too little money, ru: нехватка денег}
        theme: money
        means: barrier
        definition: {en: Grants and subsidies are too small., ru: Гранты и субсидии слишком малы.}
"""


_INDICATORS = """\
# What the indicators of the desk study measure. Budget levels are never added up.
levels:
  federal: {en: federal, ru: федеральный}
  subject: {en: regional, ru: региональный}
  local: {en: local, ru: местный}
local_levels: [local]
kinds:
  okrugs: {en: urban and municipal okrugs, ru: городские и муниципальные округа}
  districts: {en: municipal districts, ru: муниципальные районы}
  divided_okrugs: {en: urban okrugs with inner districts, ru: городские округа с внутригородским делением}
  intracity_districts: {en: inner-city districts, ru: внутригородские районы}
  intracity: {en: municipalities of a city of federal importance, ru: муниципальные образования города федерального значения}
  urban_settlements: {en: urban settlements, ru: городские поселения}
  rural_settlements: {en: rural settlements, ru: сельские поселения}
  settlements: {en: settlements, ru: поселения}
coverage_threshold: 0.10       # programmes must be in strictly more than this share of municipalities
treasury:                      # what `cssp add CITY --treasury FORM` takes from the Treasury's form 0503317
  types: ["630"]               # expenditure types that count as support
  support: npo_support
  expenditure: budget_expenditure
indicators:
  - name: npo_support          # role: support, expenditure, population, organisations, programme, municipalities, other
    label: {en: Support of non-profits, ru: Поддержка НКО}
    unit: RUB
    role: support
    price_basis: current
    better: higher
    theme: money
    denominators: [budget_expenditure, population]
    definition: {en: What is counted as support., ru: "Что считается поддержкой."}
  - name: budget_expenditure
    label: {en: Budget expenditure, ru: Расходы бюджета}
    unit: RUB
    role: expenditure
    price_basis: current
    definition: {en: Executed expenditure in all., ru: "Исполненные расходы всего."}
  - name: population
    label: {en: Population, ru: Население}
    unit: persons
    role: population
    counted: "01-01"           # the day a stock is counted on
    definition: {en: Residents on 1 January., ru: "Жители на 1 января."}
"""


_REGULATION = "act,number,date,level,territory,instrument,in_force_from,in_force_to,amended_by,status,source,checked,note\n"


_CITY = """\
# One city: where its data lie and how they map to the codebooks. Leave out a stage that has no
# data.
name: {en: My city, ru: Мой город}
region: {en: My region, ru: Мой регион}
# oktmo: "00000000"
synthetic: false               # true if any source is simulated or invented

# desk:                        # `cssp add my_city --treasury FORM.xls` adds the Treasury's figures
# to it
#   file: desk.csv             # municipality, oktmo, level, kind, year, indicator, value, unit,
# basis, status, units, source, note
#   provenance: {source: "where the figures come from"}

# survey:                      # `cssp add my_city --survey FILE` writes this part for you
#   file: survey.csv           # .csv, .xlsx, .xls, .sav, .parquet
#   provenance: {source: "who asked whom, when"}
#   sector: {column: sector, values: {1: authorities, 2: business, 3: npo}}
#   items:
#     npo_useful: {column: q1, values: {"очень плохо": 1}}

# interviews:
#   texts: interviews          # a folder of .txt files
#   segments: segments.csv     # interview, coder, code, start, end
#   provenance: {source: "who was interviewed, when"}
"""


def new_study(folder: Path) -> list[Path]:
    """Write an empty, commented study.

    Raises
    ------
    StudyError
        The folder is there already and not empty, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{short_path(folder)} is there already and not empty; name a new folder.")
    files = {
        "study.yaml": _STUDY,
        "questionnaire.yaml": _QUESTIONNAIRE,
        "codes.yaml": _CODES,
        "indicators.yaml": _INDICATORS,
        "regulation.csv": _REGULATION,
        "cities/my_city/city.yaml": _CITY,
    }
    with folder_in_place(folder) as work:
        for name, text in files.items():
            write_text(work / name, text)
    return [folder / name for name in files]
