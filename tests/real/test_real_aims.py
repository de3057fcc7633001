"""Models of whom to speak to, on public data, against published values."""

import pandas as pd
import pytest

from ecomtrain.analysis import targeting


@pytest.mark.parametrize(("leave_out", "auc"), [([], 0.892), (["page_values"], 0.750)])
def test_the_intent_model_of_the_shoppers_lives_on_the_leaking_page_value(real, leave_out, auc):
    sessions = real("online_shoppers").drop(columns=leave_out)
    features = pd.get_dummies(sessions, dtype=float)
    columns = [name for name in features if name != "bought"]
    found = targeting.intent_model(features, columns=columns).table.set_index("metric")["value"]
    assert found["auc"] == pytest.approx(auc, abs=0.01)
    assert found["base_rate"] == pytest.approx(0.1547, abs=5e-5)


def test_hillstroms_mail_moves_visits_by_as_much_as_published_and_was_sent_by_lot(real):
    mails = real("hillstrom").query("segment != 'Womens E-Mail'")
    found = targeting.uplift(
        mails, outcome="visit", columns=["recency", "history"], arm="segment", control="No E-Mail"
    )
    assert found.effect == pytest.approx(0.1828 - 0.1062, abs=2e-4)
    assert found.balance_p > 0.001
