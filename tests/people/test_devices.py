"""Labels of browsers in the list of devices."""

import pytest

from lms.people.devices import device_label

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (CHROME, "Chrome di Android"),
        (CHROME.replace("Chrome/126.0.0.0", "SamsungBrowser/25.0 Chrome/121.0.0.0"), "Samsung Internet di Android"),
        (
            "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
            "Chrome di Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge di Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox di Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari di iPhone",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126.0 Mobile Safari/604.1", "Chrome di iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15", "Safari di Mac"),
        ("UCWEB/2.0 (Android 9) UCBrowser/13.4", "UC Browser di Android"),
        ("Dalvik/2.1.0 (Linux; Android 9)", "Peramban di Android"),
        ("curl/8.5.0", "Perangkat tidak dikenal"),
        ("", "Perangkat tidak dikenal"),
        ("<script>" * 10_000, "Perangkat tidak dikenal"),
    ],
)
def test_device_label(user_agent, label):
    assert device_label(user_agent) == label
