import pytest

from lantian.errors import RightsError
from lantian.verify import check_closer


def test_nobody_closes_their_own_task():
    with pytest.raises(RightsError, match="p2"):
        check_closer({"p1", "p2"}, "p2")
    check_closer({"p1", "p2"}, "p3")


def test_a_verdict_has_a_named_checker():
    with pytest.raises(RightsError, match="named checker"):
        check_closer((), "")
