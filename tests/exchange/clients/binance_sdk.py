"""binance-sdk-spot: errors, limits, a ban, a lost acknowledgement. Runs in the clients' environment; an assertion that fails ends it."""

import json
import runpy
import sys
import urllib.request

from binance_common.errors import BadRequestError, Error, RateLimitBanError, TooManyRequestsError

url, key, secret, *_others, example = sys.argv[1:7]
client = runpy.run_path(example)["client"]


def control(what, body):
    request = urllib.request.Request(
        f"{url}/control/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


rest = client(url, key, secret).rest_api
rest.configuration.retries = 0
fields = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01}
try:
    rest.new_order(price=50_000.001, **fields)
    raise AssertionError("was not refused")
except BadRequestError as error:
    assert "PRICE_FILTER" in str(error), error
control("faults", {"lose_answers": 1})
try:
    rest.new_order(price=50_000, new_client_order_id="lost-1", **fields)
except Error:
    pass
assert rest.get_order(symbol="BTCUSDT", orig_client_order_id="lost-1").data().status == "NEW"
seen: list[int] = []
for _ in range(200):
    try:
        rest.get_open_orders()
    except TooManyRequestsError:
        seen.append(429)
    except RateLimitBanError:
        seen.append(418)
        break
assert seen[0] == 429 and seen[-1] == 418, seen
print("ok")
