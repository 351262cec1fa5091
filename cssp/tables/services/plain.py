"""A table that no survey service wrote: one row of headings, every column may be a question."""

from cssp.tables.service import Service

PLAIN = Service(name="plain", label={"en": "a plain table", "ru": "обычная таблица"}, tried=99)
