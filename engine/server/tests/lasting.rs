//! What lasts: a venue with agents that is ended and started again on its journal; sessions of the WebSocket API; a script of faults.

#[allow(dead_code, reason = "each program uses its part of the client")]
mod client;

use bot4_server::Running;
use client::{Client, Wire, text_of};
use serde_json::{Value, json};
use std::path::PathBuf;

const START_MS: i64 = 1_700_000_000_000;
const ORDER: [(&str, &str); 7] = [
    ("symbol", "BTCUSDT"),
    ("type", "LIMIT"),
    ("timeInForce", "GTC"),
    ("side", "BUY"),
    ("price", "50000"),
    ("quantity", "0.01"),
    ("newClientOrderId", "kept"),
];

fn venue(more: &Value) -> (Running, Client) {
    let mut settings = json!({
        "address": "127.0.0.1:0", "start_ms": START_MS, "speed": 0, "limits": false,
        "accounts": [{"name": "a", "balances": {"USDT": "1000000", "BTC": "100"}}],
        "keys": [{"key": "keya", "account": "a", "secret": "sa"}],
    });
    settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let running = Running::start(&settings.to_string(), None).expect("it starts");
    let client = Client { address: running.address(), key: "keya", secret: "sa", now_ms: START_MS };
    (running, client)
}

/// A folder that is gone with it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn agents_and_orders_stand_where_they_stood_after_a_start_on_the_journal() {
    let folder = Folder(std::env::temp_dir().join(format!("bot4-lasting-{}", std::process::id())));
    let more = json!({"agents": 7, "state": folder.0.join("journal")});
    let (mut running, one) = venue(&more);
    assert_eq!(one.ask("POST", "/api/v3/order", &ORDER).0, 200);
    assert_eq!(one.operate("time", &json!({"advance_ms": 20_000})).0, 200);
    let now = Client { now_ms: START_MS + 20_000, ..one };
    let trades = now.ask("GET", "/api/v3/trades", &[("symbol", "BTCUSDT")]).1;
    assert!(trades.as_array().is_some_and(|rows| rows.len() > 5), "the agents trade: {trades}");
    assert_eq!(now.operate("status", &json!({"symbol": "ETHUSDT", "status": "HALT"})).0, 200);
    assert_eq!(now.operate("balance", &json!({"account": "a", "asset": "ETH", "amount": "3"})).0, 200);
    let before = now.ask("GET", "/control/state", &[]).1;
    assert_eq!(running.stop(), Ok(()));
    let (mut running, one) = venue(&more);
    assert!(running.restored() > 3);
    let after = one.ask("GET", "/control/state", &[]).1;
    assert_eq!((&after["state_hash"], &after["accounts"]), (&before["state_hash"], &before["accounts"]));
    let later = Client { now_ms: after["time_ms"].as_i64().expect("a time"), ..one };
    let kept = later.ask("GET", "/api/v3/order", &[("symbol", "BTCUSDT"), ("origClientOrderId", "kept")]).1;
    assert_eq!(text_of(&kept, "price"), "50000.00000000", "{kept}");
    assert_eq!(running.stop(), Ok(()));
}

#[test]
fn a_session_logs_on_hears_of_its_orders_and_logs_out() {
    let (running, one) = venue(&json!({}));
    let mut wire = Wire::open(running.address(), "/ws-api/v3");
    assert_eq!(wire.call(&one, 1, "userDataStream.subscribe", &[], false)["error"]["code"], -2015, "nobody is logged on");
    let said = wire.call(&one, 2, "session.logon", &[], true);
    assert_eq!(text_of(&said["result"], "apiKey"), "keya", "{said}");
    assert_eq!(text_of(&wire.call(&one, 3, "session.status", &[], false)["result"], "apiKey"), "keya");
    assert_eq!(wire.call(&one, 4, "userDataStream.subscribe", &[], false)["result"]["subscriptionId"], 0);
    assert_eq!(wire.call(&one, 5, "session.subscriptions", &[], false)["result"], json!([{"subscriptionId": 0}]));
    assert_eq!(one.ask("POST", "/api/v3/order", &ORDER).0, 200);
    let mut told = [wire.read(), wire.read()].map(|event| text_of(&event["event"], "e").to_owned());
    told.sort();
    assert_eq!(told, ["executionReport", "outboundAccountPosition"]);
    assert_eq!(one.operate("balance", &json!({"account": "a", "asset": "ETH", "amount": "1"})).0, 200);
    let mut told = [wire.read(), wire.read()].map(|event| text_of(&event["event"], "e").to_owned());
    told.sort();
    assert_eq!(told, ["balanceUpdate", "outboundAccountPosition"]);
    assert_eq!(wire.call(&one, 6, "userDataStream.unsubscribe", &[("subscriptionId", "0")], false)["status"], 200);
    assert_eq!(wire.call(&one, 7, "session.logout", &[], false)["result"]["apiKey"], Value::Null);
    let mut streams = Wire::open(running.address(), "/stream");
    streams.send(r#"{"method":"GET_PROPERTY","params":["combined"],"id":1}"#);
    assert_eq!(streams.read()["result"], true);
    streams.send(r#"{"method":"SET_PROPERTY","params":["combined",false],"id":2}"#);
    assert_eq!(streams.read(), json!({"result": null, "id": 2}));
    streams.send(r#"{"method":"SET_PROPERTY","params":["other",false],"id":3}"#);
    assert!(streams.read()["error"]["code"].is_i64());
}

#[test]
fn a_script_of_faults_is_carried_out() {
    let script = |kind: &str, more: &str| {
        let script = format!("seed = 3\n[[fault]]\nkind = \"{kind}\"\n{more}\n");
        venue(&json!({"faults": script}))
    };
    let order = |one: &Client| one.ask("POST", "/api/v3/order", &ORDER);
    let get = |one: &Client| one.ask("GET", "/api/v3/order", &[("symbol", "BTCUSDT"), ("origClientOrderId", "kept")]);
    let (_running, one) = script("unknown-state", "where = \"POST /api/v3/order\"\nmost = 1");
    assert_eq!(order(&one).0 / 100, 5, "nobody knows");
    let found = get(&one).1;
    assert!(text_of(&found, "status") == "NEW" || found["code"] == -2013, "done or not: {found}");
    let (_running, one) = script("moved", "where = \"POST /api/v3/order\"\nmost = 1");
    assert_eq!((order(&one).0 / 100, order(&one).0), (4, 200), "once");
    let (_running, one) = script("maintenance", "where = \"POST /api/v3/order\"\nmost = 1");
    assert_eq!((order(&one).0 / 100, get(&one).1["code"].as_i64()), (5, Some(-2013)), "nothing was done");
    let (running, one) = script("duplicate", "where = \"userData\"");
    let mut user = Wire::open(running.address(), "/ws-api/v3");
    assert_eq!(user.call(&one, 1, "userDataStream.subscribe.signature", &[], true)["status"], 200);
    assert_eq!(order(&one).0, 200);
    assert_eq!(user.read(), user.read(), "told twice");
    let (_running, one) = script("clock-skew", "skew_ms = 30000");
    assert_eq!(order(&one).1["code"], -1021, "the venue's clock is ahead");
}
