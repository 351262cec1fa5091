"""The Treasury's form 0503317: workbook in, amounts by region, budget level and expenditure type out."""
