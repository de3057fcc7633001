"""What the shop knows of its customers: who comes back, and who is one person in several channels."""

from __future__ import annotations

from ecomtrain.analysis._profile import profile_precision
from ecomtrain.analysis._repurchase import activity, merge_identities, repurchase_rate, retention

__all__ = ["activity", "merge_identities", "profile_precision", "repurchase_rate", "retention"]
