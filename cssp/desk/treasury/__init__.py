"""The Treasury's form 0503317.

Workbook in, amounts by region, budget level and expenditure type out.
"""
