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
placed = rest.new_order(price=50_000, **fields).data()
named = {"symbol": "BTCUSDT", "order_id": placed.order_id}
amended = rest.order_amend_keep_priority(new_qty=0.005, **named).data().amended_order
assert (amended.order_id, amended.qty) == (placed.order_id, "0.00500000"), amended
assert [row.new_qty for row in rest.order_amendments(**named).data()] == ["0.00500000"]
replaced = rest.order_cancel_replace(
    cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=placed.order_id, price=51_000, **fields
).data()
assert replaced.new_order_response.price == "51000.00000000", replaced
assert [row.order_id for row in rest.get_open_orders().data()] == [replaced.new_order_response.order_id]
assert len(rest.all_orders(symbol="BTCUSDT").data()) == 2
rest.delete_open_orders(symbol="BTCUSDT")
pair = rest.order_list_oco(
    symbol="BTCUSDT",
    side="SELL",
    quantity=0.01,
    above_type="LIMIT_MAKER",
    above_price=70_000,
    below_type="STOP_LOSS",
    below_stop_price=40_000,
).data()
assert len(pair.order_reports) == 2, pair
gone = rest.delete_order_list(symbol="BTCUSDT", order_list_id=pair.order_list_id).data()
assert gone.list_order_status == "ALL_DONE", gone
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
