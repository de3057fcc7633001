"""nbgrader's settings for this course, read by the ``nbgrader`` command, by JupyterLab and by ``ecomtrain``.

Add your own below, for example ``c.LateSubmissionPlugin.penalty_method = "zero"``. Folders, gradebook,
exchange and limits are explained in `ecomtrain.classroom.course.settings`.
"""

from pathlib import Path

from ecomtrain.classroom.course import settings

c = get_config()  # noqa: F821 - given by nbgrader
c.merge(settings(Path(__file__).parent))
