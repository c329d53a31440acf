"""Pages travel compressed, except where a stranger could learn from the length."""

import gzip

import pytest


def fetch(app, path="/masuk", **headers):
    return app.test_client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_page_asked_for_by_our_own_site_is_compressed_and_the_same(app, site):
    plain = fetch(app, Sec_Fetch_Site=site)
    packed = fetch(app, Sec_Fetch_Site=site, Accept_Encoding="gzip, deflate, br")
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert gzip.decompress(packed.data)[:4000] == plain.data[:4000]
    assert {"Accept-Encoding", "Cookie"} == set(packed.vary) == set(plain.vary)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_page_asked_for_by_another_site_is_sent_as_it_is(app, site):
    assert "Content-Encoding" not in fetch(app, Sec_Fetch_Site=site, Accept_Encoding="gzip").headers


def test_page_with_a_query_is_sent_as_it_is_when_the_browser_does_not_say_who_asks(app):
    assert "Content-Encoding" not in fetch(app, "/masuk?lanjut=/cari", Accept_Encoding="gzip").headers
    assert fetch(app, Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_browser_that_cannot_unpack_gets_plain_pages(app, accepted):
    assert "Content-Encoding" not in fetch(app, Accept_Encoding=accepted).headers


def test_short_answers_are_left_alone(app):
    assert "Content-Encoding" not in fetch(app, "/healthz", Accept_Encoding="gzip").headers
