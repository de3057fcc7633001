"""How the peers are asked, whether they are there or not."""

import sys

import pytest


@pytest.fixture
def this_python(monkeypatch):
    monkeypatch.setenv("ECOMTRAIN_PEERS", sys.executable)


@pytest.mark.usefixtures("this_python")
def test_a_peer_is_asked_in_a_process_of_its_own(peer):
    assert peer("json", "result = [sum(given['rows']), 'pandas' in sys.modules]", rows=[1, 2]) == [3, False]


@pytest.mark.usefixtures("this_python")
def test_a_peer_that_is_not_installed_is_skipped_and_named(peer):
    with pytest.raises(pytest.skip.Exception, match="no_such_package is not installed"):
        peer("no_such_package", "result = 1")


@pytest.mark.usefixtures("this_python")
def test_a_peer_that_fails_fails_the_test(peer):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        peer("json", "result = 1 / 0")
