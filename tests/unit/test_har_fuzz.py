"""Whatever a recording holds, it is survived, and nothing that could be a value is told."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qpmatch.api.routes import ROUTES
from qpmatch.har import report
from qpmatch.har.reading import Encoding, Recorded
from qpmatch.har.survey import Survey, Verdict
from tests.recordings import save_body

PLANTED = ("Contoso Ltd", "contoso-1", "9f0c1a2b3c4d5e6f7a8b9c0d", "pa$$word", "eyJhbGciOi.x")

_WORDS = sorted(
    {key for route in ROUTES.values() for key in (*route.query, *(route.body or route.form or ()))}
)
_KEYS = st.sampled_from([*_WORDS, *PLANTED, "_id", "id", "displayName", "name", "autoMatch", "label"])
_LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.floats() | st.sampled_from(["", "ALL", *PLANTED])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)
_BODIES = _VALUES | st.builds(
    lambda changes: save_body(**changes), st.dictionaries(_KEYS, _VALUES, max_size=3)
)
_PATHS = st.sampled_from([route.path for route in ROUTES.values()]) | st.lists(
    st.sampled_from(["integrations", "customers", "matches", "save", *PLANTED]), max_size=4
).map("/".join)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=_PATHS,
    encoding=st.sampled_from(Encoding),
    body=_BODIES,
    query=st.dictionaries(_KEYS, st.sampled_from(PLANTED), max_size=4),
    integration=st.sampled_from([None, "dattoAutoTask", *PLANTED]),
    status=st.sampled_from([0, 200, 404]),
)
def test_survived_and_silent(
    method: str,
    path: str,
    encoding: Encoding,
    body: Any,
    query: dict[str, str],
    integration: str | None,
    status: int,
) -> None:
    survey = Survey()
    survey.add(
        Recorded(
            method=method,
            origin="https://admin.getquickpass.com",
            path=f"/api/{path}",
            query=query,
            has_headers=True,
            integration=integration,
            encoding=encoding,
            body=body if encoding is not Encoding.FORM or isinstance(body, dict) else {},
            answered=status,
        )
    )
    findings = survey.findings()
    assert [finding.route.name for finding in findings] == list(ROUTES)
    told = repr([report.record(finding) for finding in findings]) + report.override_text(findings)
    assert not [value for value in PLANTED if value in told]
    for finding in findings:
        assert (finding.verdict is Verdict.DIFFERS) == bool(finding.differences)
        assert finding.override is None or finding.verdict is not Verdict.ABSENT
