"""The life of products (商品生命周期): ABC and XYZ classes, stages, diffusion, test launches."""

from __future__ import annotations

from ecomtrain.analysis._bass import Diffusion, bass
from ecomtrain.analysis._classes import Portfolio, abc_xyz
from ecomtrain.analysis._launch import launch_monitor, test_launch
from ecomtrain.analysis._stages import Stages, stage

__all__ = ["Diffusion", "Portfolio", "Stages", "abc_xyz", "bass", "launch_monitor", "stage", "test_launch"]
