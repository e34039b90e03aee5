//! What was: amendments, matches that self-trade prevention stopped, deposits; and what a spot account has nothing of.

#[allow(dead_code, reason = "its sockets are for other tests")]
mod client;

use bot4_exchange::binance::wallet::{PLACES, Said};
use bot4_server::Running;
use client::Client;
use serde_json::{Value, json};

const START_MS: i64 = 1_700_000_000_000;

fn venue() -> (Running, Client) {
    let settings = json!({
        "address": "127.0.0.1:0", "start_ms": START_MS, "speed": 0, "limits": false,
        "accounts": [{"name": "a", "balances": {"USDT": "1000000", "BTC": "100"}}],
        "keys": [{"key": "keya", "account": "a", "secret": "sa"}],
    });
    let running = Running::start(&settings.to_string(), None).expect("it starts");
    let client = Client { address: running.address(), key: "keya", secret: "sa", now_ms: START_MS };
    (running, client)
}

fn place(client: &Client, side: &str, price: &str, quantity: &str, more: &[(&str, &str)]) -> Value {
    let fields = [("symbol", "BTCUSDT"), ("type", "LIMIT"), ("timeInForce", "GTC"), ("side", side), ("price", price)];
    let (status, body) = client.ask("POST", "/api/v3/order", &[&fields, &[("quantity", quantity)][..], more].concat());
    assert_eq!(status, 200, "{body}");
    body
}

fn id(order: &Value) -> String {
    order["orderId"].to_string()
}

#[test]
fn amendments_are_told_of_their_order_alone() {
    let (_running, client) = venue();
    let order = id(&place(&client, "BUY", "40000", "2", &[("newClientOrderId", "first")]));
    let other = id(&place(&client, "BUY", "39000", "1", &[]));
    let mut executions = Vec::new();
    for (quantity, name) in [("1.5", "second"), ("1", "third")] {
        let asked = [("symbol", "BTCUSDT"), ("orderId", order.as_str()), ("newQty", quantity), ("newClientOrderId", name)];
        let (status, body) = client.ask("PUT", "/api/v3/order/amend/keepPriority", &asked);
        assert_eq!(status, 200, "{body}");
        executions.push(body["executionId"].clone());
    }
    let told = |more: &[(&str, &str)]| client.ask("GET", "/api/v3/order/amendments", &[&[("symbol", "BTCUSDT")], more].concat());
    let whole = told(&[("orderId", &order)]).1;
    let row = |at: usize, from: &str, to: &str, before: &str, after: &str| {
        json!({"symbol": "BTCUSDT", "orderId": order.parse::<u64>().expect("a number"), "executionId": executions[at], "origClientOrderId": from,
            "newClientOrderId": to, "origQty": before, "newQty": after, "time": START_MS})
    };
    let rows = [row(0, "first", "second", "2.00000000", "1.50000000"), row(1, "second", "third", "1.50000000", "1.00000000")];
    assert_eq!(whole, json!(rows));
    let last = executions[1].to_string();
    assert_eq!(told(&[("orderId", &order), ("fromExecutionId", &last)]).1, json!([rows[1]]));
    assert_eq!(told(&[("orderId", &order), ("limit", "1")]).1, json!([rows[0]]));
    assert_eq!(told(&[("orderId", &other)]).1, json!([]));
    assert_eq!(told(&[]).1["code"], -1102);
}

#[test]
fn prevented_matches_are_told_by_number_and_by_order() {
    let (_running, client) = venue();
    let rested = id(&place(&client, "SELL", "50000", "1", &[]));
    let came = id(&place(&client, "BUY", "50000", "0.4", &[("selfTradePreventionMode", "EXPIRE_BOTH")]));
    let next = id(&place(&client, "SELL", "50000", "1", &[]));
    place(&client, "BUY", "50000", "0.3", &[("selfTradePreventionMode", "EXPIRE_MAKER")]);
    let told = |more: &[(&str, &str)]| client.ask("GET", "/api/v3/myPreventedMatches", &[&[("symbol", "BTCUSDT")], more].concat());
    let (status, both) = told(&[("orderId", &came)]);
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let row = json!({"symbol": "BTCUSDT", "preventedMatchId": 0, "takerOrderId": number(&came), "makerSymbol": "BTCUSDT",
        "makerOrderId": number(&rested), "tradeGroupId": -1, "selfTradePreventionMode": "EXPIRE_BOTH", "price": "50000.00000000",
        "takerPreventedQuantity": "0.40000000", "makerPreventedQuantity": "1.00000000", "transactTime": START_MS});
    assert_eq!((status, both), (200, json!([row])));
    assert_eq!(told(&[("orderId", &rested)]).1, json!([row]));
    let maker = told(&[("preventedMatchId", "1")]).1;
    assert_eq!((&maker[0]["makerOrderId"], &maker[0]["takerPreventedQuantity"]), (&json!(number(&next)), &Value::Null));
    assert_eq!(told(&[("orderId", &came), ("fromPreventedMatchId", "1")]).1, json!([]));
    for more in [&[][..], &[("preventedMatchId", "0"), ("orderId", "1")], &[("preventedMatchId", "0"), ("fromPreventedMatchId", "0")]] {
        assert_eq!(told(more).1["code"], -1128, "{more:?}");
    }
}

#[test]
fn deposits_and_withdrawals_are_those_of_the_operator() {
    let (_running, client) = venue();
    let (status, said) = client.operate("balance", &json!({"account": "a", "asset": "BTC", "amount": "-0.5"}));
    assert_eq!(status, 200, "{said}");
    let deposits = client.ask("GET", "/sapi/v1/capital/deposit/hisrec", &[]).1;
    let row =
        |deposit: &Value| (deposit["coin"].clone(), deposit["amount"].clone(), deposit["status"].clone(), deposit["insertTime"].clone());
    let first = deposits.as_array().expect("a list").iter().map(row).collect::<Vec<_>>();
    let begun = |coin: &str, amount: &str| (json!(coin), json!(amount), json!(1), json!(START_MS));
    assert_eq!(first, [begun("USDT", "1000000.00000000"), begun("BTC", "100.00000000")]);
    let only = client.ask("GET", "/sapi/v1/capital/deposit/hisrec", &[("coin", "BTC"), ("limit", "5"), ("offset", "1")]).1;
    assert_eq!(only, json!([]));
    assert_eq!(client.ask("GET", "/sapi/v1/capital/deposit/hisrec", &[("status", "0")]).1, json!([]));
    let gone = client.ask("GET", "/sapi/v1/capital/withdraw/history", &[("startTime", "1700000000000"), ("endTime", "1700000000000")]).1;
    assert_eq!(gone.as_array().map(Vec::len), Some(1), "{gone}");
    let told = (&gone[0]["coin"], &gone[0]["amount"], &gone[0]["status"], &gone[0]["applyTime"]);
    assert_eq!(told, (&json!("BTC"), &json!("0.50000000"), &json!(6), &json!("2023-11-14 22:13:20")));
}

#[test]
fn a_place_that_a_spot_account_has_nothing_at_says_so() {
    let (_running, client) = venue();
    for place in &PLACES {
        let (status, body) = client.ask(place.row.method, place.row.path, &[]);
        let wanted = match place.said {
            Said::Json(text) => (200, serde_json::from_str::<Value>(text).expect("JSON")),
            Said::NotPermitted => (401, json!({"code": -1002, "msg": "You are not authorized to execute this request."})),
            Said::NoMargin => (400, json!({"code": -3003, "msg": "Margin account does not exist."})),
            Said::NoIsolated => (400, json!({"code": -11001, "msg": "Isolated margin account does not exist."})),
        };
        assert_eq!((status, body), wanted, "{}", place.row.path);
    }
    let stranger = Client { key: "nobody", ..client };
    assert_eq!(stranger.ask("POST", "/sapi/v1/margin/borrow-repay", &[]).1["code"], -2015, "who asks is looked at first");
}
