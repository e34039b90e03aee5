//! Every call of the table over real sockets, by REST and by the WebSocket API, with a client that shares no code with the server.

mod client;

use bot4_exchange::binance::call::{CALLS, Call, Need};
use bot4_server::Running;
use client::{Client, Wire, text_of};
use serde_json::{Value, json};

const START_MS: i64 = 1_700_000_000_000;

fn venue() -> (Running, Client, Client) {
    let settings = json!({
        "address": "127.0.0.1:0", "start_ms": START_MS, "speed": 0, "limits": false,
        "accounts": [
            {"name": "a", "balances": {"USDT": "1000000", "BTC": "100"}},
            {"name": "b", "balances": {"USDT": "1000000", "BTC": "100"}},
        ],
        "keys": [{"key": "keya", "account": "a", "secret": "sa"}, {"key": "keyb", "account": "b", "secret": "sb"}],
    });
    let running = Running::start(&settings.to_string(), None).expect("it starts");
    let client = |key: &'static str, secret: &'static str| Client { address: running.address(), key, secret, now_ms: START_MS };
    let both = (client("keya", "sa"), client("keyb", "sb"));
    (running, both.0, both.1)
}

const LIMIT: [(&str, &str); 4] = [("symbol", "BTCUSDT"), ("type", "LIMIT"), ("timeInForce", "GTC"), ("newOrderRespType", "FULL")];

fn limit<'a>(side: &'a str, price: &'a str, quantity: &'a str, id: &'a str) -> Vec<(&'a str, &'a str)> {
    [&LIMIT[..], &[("side", side), ("price", price), ("quantity", quantity), ("newClientOrderId", id)]].concat()
}

/// Returns parameters with which a call is answered after `trades`.
fn good(call: Call) -> Vec<(&'static str, &'static str)> {
    let symbol = ("symbol", "BTCUSDT");
    let oco = [symbol, ("side", "SELL"), ("quantity", "0.01")];
    let pending = [("pendingSide", "SELL"), ("pendingQuantity", "0.01")];
    let working = [
        symbol,
        ("workingType", "LIMIT"),
        ("workingSide", "BUY"),
        ("workingPrice", "48000"),
        ("workingQuantity", "0.01"),
        ("workingTimeInForce", "GTC"),
    ];
    match call {
        Call::OrderPlace => limit("BUY", "47000", "0.01", "rest-1"),
        Call::OrderTest => limit("BUY", "47000", "0.01", "test-1"),
        Call::OrderGet => vec![symbol, ("origClientOrderId", "rest-1")],
        Call::OrderAmend => vec![symbol, ("origClientOrderId", "rest-2"), ("newQty", "0.005")],
        Call::OrderReplace => [
            &limit("BUY", "47100", "0.01", "rest-2")[..],
            &[("cancelReplaceMode", "STOP_ON_FAILURE"), ("cancelOrigClientOrderId", "rest-1")],
        ]
        .concat(),
        Call::OrderCancel => vec![symbol, ("origClientOrderId", "gone")],
        Call::Oco => [
            &oco[..],
            &[
                ("aboveType", "LIMIT_MAKER"),
                ("abovePrice", "60000"),
                ("belowType", "STOP_LOSS"),
                ("belowStopPrice", "40000"),
                ("listClientOrderId", "l1"),
            ],
        ]
        .concat(),
        Call::OldOco => [&oco[..], &[("price", "60000"), ("stopPrice", "40000"), ("listClientOrderId", "l2")]].concat(),
        Call::Oto => [&working[..], &pending[..], &[("pendingType", "MARKET")]].concat(),
        Call::Otoco => {
            let legs = [
                ("pendingAboveType", "LIMIT_MAKER"),
                ("pendingAbovePrice", "61000"),
                ("pendingBelowType", "STOP_LOSS"),
                ("pendingBelowStopPrice", "41000"),
            ];
            [&working[..], &pending[..], &legs[..]].concat()
        }
        Call::ListGet => vec![("origClientOrderId", "l1")],
        Call::ListCancel => vec![symbol, ("listClientOrderId", "l1")],
        Call::Klines | Call::UiKlines => vec![symbol, ("interval", "1m"), ("limit", "5")],
        Call::Account | Call::OrderLimits | Call::OpenOrders | Call::AllLists | Call::OpenLists => Vec::new(),
        Call::Ping
        | Call::Time
        | Call::ExchangeInfo
        | Call::Currencies
        | Call::TradeFees
        | Call::Deposits
        | Call::Withdrawals
        | Call::SystemStatus => Vec::new(),
        Call::Amendments => vec![symbol, ("orderId", "1")],
        Call::Prevented => vec![symbol, ("orderId", "1")],
        _ => vec![symbol],
    }
}

/// Returns the code with which this venue refuses a call; 0: it answers. −1020: it does not do that; −2043: no symbol has a reference price.
fn refusal(call: Call) -> i64 {
    match call {
        Call::Opo | Call::Opoco | Call::SorOrder | Call::SorTest => -1020,
        Call::ReferencePrice => -2043,
        _ => 0,
    }
}

/// One maker, one taker: what every query then has to tell of.
fn trades(one: &Client, other: &Client) {
    let (status, rested) = one.ask("POST", "/api/v3/order", &limit("SELL", "50000", "1", "maker"));
    assert_eq!((status, text_of(&rested, "status")), (200, "NEW"), "{rested}");
    let (status, filled) = other.ask("POST", "/api/v3/order", &limit("BUY", "50000", "0.4", "taker"));
    assert_eq!((status, text_of(&filled, "status"), text_of(&filled, "executedQty")), (200, "FILLED", "0.40000000"), "{filled}");
    assert_eq!((filled["fills"].as_array().map(Vec::len), text_of(&filled["fills"][0], "price")), (Some(1), "50000.00000000"));
    one.ask("POST", "/api/v3/order", &limit("BUY", "49000", "1", "bid"));
    one.ask("POST", "/api/v3/order", &limit("BUY", "48000", "1", "gone"));
}

#[test]
fn every_call_is_answered_by_rest() {
    let (_running, one, other) = venue();
    trades(&one, &other);
    let told = |path: &str, params: &[(&str, &str)]| one.ask("GET", path, params).1;
    assert_eq!(told("/api/v3/depth", &[("symbol", "BTCUSDT")])["asks"][0], json!(["50000.00000000", "0.60000000"]));
    assert_eq!(text_of(&told("/api/v3/ticker/price", &[("symbol", "BTCUSDT")]), "price"), "50000.00000000");
    assert_eq!(told("/api/v3/myTrades", &[("symbol", "BTCUSDT")])[0]["isMaker"], json!(true));
    let bars = told("/api/v3/klines", &[("symbol", "BTCUSDT"), ("interval", "1h")]);
    assert_eq!((&bars[0][4], &bars[0][5]), (&json!("50000.00000000"), &json!("0.40000000")));
    let all = told("/api/v3/ticker/bookTicker", &[]);
    assert!(all.as_array().is_some_and(|rows| rows.iter().any(|row| row["bidPrice"] == "49000.00000000")), "{all}");
    for path in ["24hr", "price", "bookTicker"] {
        let rows = told(&format!("/api/v3/ticker/{path}"), &[("symbols", r#"["BTCUSDT","ETHUSDT"]"#)]);
        assert_eq!(rows.as_array().map(Vec::len), Some(2), "{path}: {rows}");
    }
    assert_eq!(text_of(&told("/api/v3/ticker/24hr", &[("symbol", "BTCUSDT"), ("type", "MINI")]), "volume"), "0.40000000");
    for row in CALLS {
        let (status, body) = one.ask(row.method, row.path, &good(row.call));
        let code = body["code"].as_i64().unwrap_or(0);
        assert_eq!((status == 200, code), (refusal(row.call) == 0, refusal(row.call)), "{:?}: {status} {body}", row.call);
    }
    assert_eq!(one.ask("DELETE", "/api/v3/openOrders", &[("symbol", "BTCUSDT")]).1.as_array().map(Vec::len), Some(3), "three lists");
    let emptied = one.ask("DELETE", "/api/v3/openOrders", &[("symbol", "BTCUSDT")]);
    assert_eq!(emptied.1["code"], -2011, "nothing is left to cancel: {}", emptied.1);
}

#[test]
fn every_call_is_answered_by_the_websocket_api() {
    let (running, one, other) = venue();
    trades(&one, &other);
    let mut wire = Wire::open(running.address(), "/ws-api/v3");
    for (id, row) in CALLS.iter().enumerate().filter(|(_, row)| !row.word.is_empty()) {
        let answer = wire.call(&one, id, row.word, &good(row.call), row.need == Need::Signed);
        let seen = (answer["status"] == 200, answer["error"]["code"].as_i64().unwrap_or(0), answer["id"] == id);
        assert_eq!(seen, (refusal(row.call) == 0, refusal(row.call), true), "{:?}: {answer}", row.call);
    }
    assert_eq!(wire.call(&one, 900, "nothing.such", &[], false)["error"]["code"], -1000);
    wire.send("{");
    assert_eq!(wire.read()["error"]["code"], -1135);
}

#[test]
fn what_is_wrong_is_refused_with_the_venues_code() {
    let (_running, one, _) = venue();
    let order = |change: &[(&'static str, &'static str)]| {
        let mut params = limit("BUY", "50000", "1", "x");
        params.retain(|(name, _)| change.iter().all(|(other, _)| other != name));
        params.extend(change.iter().filter(|(_, value)| !value.is_empty()));
        one.ask("POST", "/api/v3/order", &params).1["code"].clone()
    };
    let seen = [
        order(&[("symbol", "XYZ")]),
        order(&[("side", "HOLD")]),
        order(&[("price", "")]),
        order(&[("price", "50000.001")]),
        order(&[("quantity", "0.000000001")]),
        order(&[("quantity", "100")]),
        order(&[("timeInForce", "SOON")]),
        order(&[("type", "LIMIT_MAKER")]),
        order(&[("newClientOrderId", "no spaces here")]),
    ];
    assert_eq!(json!(seen), json!([-1121, -1117, -1102, -1013, -1111, -2010, -1115, -1106, -1100]));
    let late = Client { now_ms: START_MS - 60_000, ..one };
    assert_eq!(late.ask("GET", "/api/v3/account", &[]).1["code"], -1021);
    let forged = Client { secret: "other", ..one };
    assert_eq!(forged.ask("GET", "/api/v3/account", &[]).1["code"], -1022);
    let stranger = Client { key: "nobody", ..one };
    assert_eq!(stranger.ask("GET", "/api/v3/account", &[]).1["code"], -2015);
    assert_eq!(one.ask("GET", "/api/v3/nothing", &[]).0, 404);
    assert_eq!(one.ask("PATCH", "/api/v3/order", &[]).0, 405);
}

#[test]
fn market_and_user_streams_tell_of_a_trade() {
    const STREAMS: [&str; 12] = [
        "trade",
        "aggTrade",
        "depth",
        "depth@100ms",
        "depth5",
        "depth20@100ms",
        "bookTicker",
        "kline_1m",
        "miniTicker",
        "ticker",
        "avgPrice",
        "ticker_1h",
    ];
    let (running, one, other) = venue();
    let names: Vec<String> = STREAMS.iter().map(|name| format!("btcusdt@{name}")).collect();
    let mut market = Wire::open(running.address(), &format!("/stream?streams={}", names.join("/")));
    let mut user = Wire::open(running.address(), "/ws-api/v3");
    assert_eq!(user.call(&one, 1, "userDataStream.subscribe.signature", &[], true)["status"], 200);
    trades(&one, &other);
    let mut told: Vec<String> = (0..5).map(|_| user.read()["event"]["e"].as_str().unwrap_or("?").to_owned()).collect();
    told.sort();
    told.dedup();
    assert_eq!(told, ["executionReport", "outboundAccountPosition"]);
    for _ in 0..4 {
        assert_eq!(one.operate("time", &json!({"advance_ms": 1_500})).0, 200);
    }
    let mut missing: Vec<&String> = names.iter().collect();
    for _ in 0..200 {
        if missing.is_empty() {
            break;
        }
        let message = market.read();
        missing.retain(|name| message["stream"] != ***name);
    }
    assert_eq!(missing, Vec::<&String>::new());
    let mut plain = Wire::open(running.address(), "/ws/ethusdt@trade");
    plain.send(r#"{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":7}"#);
    assert_eq!(plain.read(), json!({"result": null, "id": 7}));
    plain.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":8}"#);
    assert_eq!(plain.read()["result"].as_array().map(Vec::len), Some(2));
    plain.send(r#"{"method":"UNSUBSCRIBE","params":["ethusdt@trade"],"id":9}"#);
    assert_eq!(plain.read()["id"], 9);
    plain.send(r#"{"method":"DANCE","id":10}"#);
    assert!(plain.read()["error"]["code"].is_i64());
}

#[test]
fn the_operator_changes_time_balances_statuses_faults_and_begins_anew() {
    let (_running, one, other) = venue();
    assert_eq!(one.operate("balance", &json!({"account": "a", "asset": "ETH", "amount": "2.5"})).0, 200);
    let state = one.ask("GET", "/control/state", &[]).1;
    assert_eq!(state["accounts"]["a"]["ETH"]["free"], "2.50000000");
    assert_eq!(one.operate("status", &json!({"symbol": "BTCUSDT", "status": "HALT"})).0, 200);
    assert_eq!(one.ask("POST", "/api/v3/order", &limit("BUY", "50000", "1", "h")).1["code"], -2010);
    assert_eq!(one.operate("status", &json!({"symbol": "BTCUSDT", "status": "TRADING"})).0, 200);
    assert_eq!(one.operate("faults", &json!({"overloaded": 1})).0, 200);
    let (status, body) = one.ask("POST", "/api/v3/order", &limit("BUY", "50000", "1", "o"));
    assert_eq!((status, &body["code"]), (503, &json!(-1008)));
    assert_eq!(one.operate("faults", &json!({"unknown_answers": 1})).0, 200);
    assert_eq!(one.ask("POST", "/api/v3/order", &limit("BUY", "50000", "1", "u")).1["code"], -1007);
    assert_eq!(
        text_of(&one.ask("GET", "/api/v3/order", &[("symbol", "BTCUSDT"), ("origClientOrderId", "u")]).1, "status"),
        "NEW",
        "it was done"
    );
    let refused = [
        one.operate("time", &json!({"speed": -1})).0,
        one.operate("time", &json!({"advance_ms": -5})).0,
        one.operate("balance", &json!({"account": "z", "asset": "ETH", "amount": "1"})).0,
        one.operate("status", &json!({"symbol": "BTCUSDT", "status": "GONE"})).0,
        one.operate("nothing", &json!({})).0,
        one.operate("limits", &json!([true])).0,
    ];
    assert!(refused.iter().all(|status| (400..500).contains(status)), "{refused:?}");
    for (what, body) in [("limits", json!({"enabled": true})), ("cut", json!({})), ("reset", json!({}))] {
        assert_eq!(one.operate(what, &body).0, 200, "{what}");
    }
    assert_eq!(other.ask("GET", "/api/v3/openOrders", &[]).1, json!([]));
    let (_, text) = one.text("GET", "/metrics");
    assert!(text.contains("bot4_exchange_commands_total ") && text.contains("# TYPE bot4_exchange_requests_total counter"), "{text}");
    let unlimited: Value = one.ask("GET", "/api/v3/account", &[]).1;
    assert_eq!(unlimited["balances"].as_array().map(|rows| rows.iter().any(|row| row["asset"] == "USDT")), Some(true));
}
