"""The audits of the randomised tests inside the shops; each function is named after its claim."""

from __future__ import annotations
