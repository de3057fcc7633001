"""Jobs in processes of their own: one that raises, dies or hangs harms no other."""

from __future__ import annotations

import os
import time

import pytest

from ecomtrain.classroom.workers import Failure, run_each


def work(what):
    print("printed by the job")
    if what == "raise":
        raise ValueError("no such thing")
    if what == "die":
        os._exit(3)
    if what == "hang":
        time.sleep(600)
    return what, os.environ.get("ECOMTRAIN_TRIAL")


def test_no_jobs_give_no_results(tmp_path):
    assert run_each(work, {}, log=tmp_path / "log") == {}


def test_each_job_ends_its_own_way(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("ECOMTRAIN_TRIAL", "set after the start")
    jobs = {name: (name,) for name in ("hang", "raise", "die", "well")}
    seen = []
    results = run_each(
        work, jobs, log=tmp_path / "log", workers=2, seconds=4, done=lambda name, _: seen.append(name)
    )
    assert list(results) == list(jobs)
    assert sorted(seen) == sorted(jobs)
    assert results["well"] == ("well", "set after the start")
    assert results["hang"] == Failure("no end after 4 s")
    assert results["die"] == Failure("the process ended with code 3")
    assert results["raise"].reason == "ValueError: no such thing"
    assert "Traceback" in results["raise"].detail
    assert "printed by the job" in (tmp_path / "log").read_text()
    assert capfd.readouterr().out == ""


def test_a_failing_listener_stops_the_jobs(tmp_path):
    def done(name, result):
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_each(work, {"well": ("well",), "hang": ("hang",)}, log=tmp_path / "log", workers=2, done=done)
    assert time.monotonic() - start < 60
