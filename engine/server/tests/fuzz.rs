//! Whatever comes in, the venue answers or refuses: seeded nonsense into the parsers and, rightly signed, into every call.
//!
//! A million inputs: `BOT4_FUZZ=1000000 cargo test --release -p bot4-server --test fuzz`; without the variable some thousands.

use bot4_exchange::binance::call::{CALLS, Need, Row};
use bot4_io::http::Request;
use bot4_io::net::{Service, Token, Wires};
use bot4_io::websocket::Reader;
use bot4_server::hall::{Hall, Settings};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::net::{IpAddr, Ipv4Addr};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const START_MS: i64 = 1_700_000_000_000;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn count() -> usize {
    std::env::var("BOT4_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(12_000)
}

fn hall() -> Hall {
    let settings = format!(
        r#"{{"address":"","accounts":[{{"name":"a","balances":{{"USDT":"1000000","BTC":"100"}}}},{{"name":"b","balances":{{"USDT":"1000000","BTC":"100"}}}}],
        "keys":[{{"key":"keya","account":"a","secret":"s"}},{{"key":"keyb","account":"b","secret":"s"}}],"limits":false,"start_ms":{START_MS},"speed":0}}"#
    );
    let settings: Settings = serde_json::from_str(&settings).expect("settings");
    Hall::new(&settings, None).expect("a venue")
}

const NAMES: [&str; 40] = [
    "symbol",
    "symbols",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "quoteOrderQty",
    "price",
    "stopPrice",
    "trailingDelta",
    "icebergQty",
    "newClientOrderId",
    "selfTradePreventionMode",
    "newOrderRespType",
    "orderId",
    "origClientOrderId",
    "cancelReplaceMode",
    "cancelOrderId",
    "newQty",
    "limit",
    "interval",
    "startTime",
    "endTime",
    "fromId",
    "recvWindow",
    "aboveType",
    "abovePrice",
    "belowType",
    "belowStopPrice",
    "workingType",
    "workingSide",
    "workingPrice",
    "workingQuantity",
    "pendingSide",
    "pendingType",
    "pendingQuantity",
    "pendingPrice",
    "orderListId",
    "windowSize",
    "timeZone",
];
const VALUES: [&str; 44] = [
    "BTCUSDT",
    "ETHUSDT",
    "XYZ",
    "btcusdt",
    "BUY",
    "SELL",
    "LIMIT",
    "MARKET",
    "LIMIT_MAKER",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT_LIMIT",
    "GTC",
    "IOC",
    "FOK",
    "0.01",
    "1",
    "50000",
    "60000.01",
    "0",
    "-1",
    "1e9",
    "0.000000001",
    "99999999999999999999",
    "9223372036854775807",
    "1h",
    "1M",
    "1s",
    "STOP_ON_FAILURE",
    "ALLOW_FAILURE",
    "FULL",
    "ACK",
    "EXPIRE_MAKER",
    "DECREMENT",
    "a-1",
    "",
    "%00",
    "%ff",
    "%",
    "[\"BTCUSDT\"]",
    "[",
    "5",
    "100",
    "1700000000000",
];

/// Returns any call; half of the time one that places orders.
fn row(dice: &mut Dice) -> &'static Row {
    let placing: Vec<&Row> = CALLS.iter().filter(|row| row.orders > 0).collect();
    if dice.below(2) == 0 { placing[dice.below(placing.len())] } else { &CALLS[dice.below(CALLS.len())] }
}

/// Returns parameters that make sense for an order, one of them changed at most times.
fn params(dice: &mut Dice) -> Vec<(String, String)> {
    let mut made: Vec<(String, String)> = Vec::new();
    if dice.below(4) > 0 {
        let price = (49_900 + dice.below(200)).to_string();
        let plain = [
            ("symbol", "BTCUSDT"),
            ("side", dice.of(&["BUY", "SELL"])),
            ("type", "LIMIT"),
            ("timeInForce", "GTC"),
            ("quantity", "0.01"),
            ("price", &price),
        ];
        made.extend(plain.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    for _ in 0..dice.below(4).saturating_sub(1) {
        let (name, value) = (dice.of(&NAMES).to_owned(), dice.of(&VALUES).to_owned());
        match made.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) if dice.below(10) > 0 => *old = value,
            _ => made.push((name, value)),
        }
    }
    if dice.below(8) == 0 {
        made.retain(|_| false);
    }
    made
}

fn sign(payload: &str) -> String {
    let mut keyed = Hmac::<Sha256>::new_from_slice(b"s").expect("any length");
    keyed.update(payload.as_bytes());
    keyed.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len().max(1));
        match dice.below(4) {
            0 if at < bytes.len() => bytes[at] = dice.next() as u8,
            1 if at < bytes.len() => _ = bytes.remove(at),
            2 => bytes.insert(at.min(bytes.len()), dice.next() as u8),
            _ => bytes.truncate(bytes.len() - bytes.len().min(dice.below(8))),
        }
    }
}

fn hand(hall: &mut Hall, bytes: &[u8], wires: &mut Wires) -> bool {
    let Ok(Some((request, used))) = Request::read(bytes) else { return false };
    assert!(used <= bytes.len());
    hall.request(Token::NOWHERE, HOME, &request, wires);
    true
}

#[test]
fn every_call_answers_or_refuses_whatever_it_is_sent() {
    let (mut hall, mut wires, mut dice, mut read) = (hall(), Wires::default(), Dice(1), 0);
    let supply = balances(&hall);
    for _ in 0..count() {
        let row = row(&mut dice);
        let mut query: String = params(&mut dice).iter().map(|(name, value)| format!("{name}={value}&")).collect();
        if row.need == Need::Signed {
            query += &format!("timestamp={START_MS}");
            query = format!("{query}&signature={}", sign(&query));
        }
        let key = dice.of(&["keya", "keyb"]);
        let mut bytes = format!("{} {}?{query} HTTP/1.1\r\nX-MBX-APIKEY: {key}\r\n\r\n", row.method, row.path).into_bytes();
        if dice.below(5) == 0 {
            mutate(&mut bytes, &mut dice);
        }
        read += usize::from(hand(&mut hall, &bytes, &mut wires));
    }
    assert!(read > count() / 2, "{read} of {} were requests", count());
    assert!(hall.floor_commands() > count() as u64 / 100, "orders were placed");
    assert_eq!(balances(&hall), supply, "nothing was made and nothing was lost");
}

/// Returns the sum of every asset over all accounts.
fn balances(hall: &Hall) -> Vec<i64> {
    hall.supply()
}

#[test]
fn every_message_is_answered_whatever_it_says() {
    let (mut hall, mut wires, mut dice) = (hall(), Wires::default(), Dice(2));
    let open =
        |path: &str| format!("GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n");
    for round in 0..count() / 100 {
        let path = ["/ws-api/v3", "/ws/btcusdt@trade", "/stream?streams=btcusdt@depth/!ticker@arr", "/ws"][round % 4];
        assert!(hand(&mut hall, open(path).as_bytes(), &mut wires));
        for _ in 0..100 {
            let row = row(&mut dice);
            let mut made = params(&mut dice);
            made.extend([("apiKey".to_owned(), "keya".to_owned()), ("timestamp".to_owned(), START_MS.to_string())]);
            made.sort();
            made.dedup_by(|one, other| one.0 == other.0);
            let payload = made.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
            let body: String =
                made.iter().map(|(name, value)| format!("{}:{},", serde_json::json!(name), serde_json::json!(value))).collect();
            let word = if dice.below(3) == 0 {
                dice.of(&["SUBSCRIBE", "UNSUBSCRIBE", "session.logon", "userDataStream.subscribe", "x"])
            } else {
                row.word
            };
            let list = r#"["btcusdt@depth","!miniTicker@arr","x@y",""]"#;
            let object = format!("{{{body}\"signature\":\"{}\"}}", sign(&payload));
            let params = if word.starts_with("SUB") || word.starts_with("UNSUB") { list } else { &object };
            let mut text = format!("{{\"id\":{},\"method\":\"{word}\",\"params\":{params}}}", dice.below(9)).into_bytes();
            if dice.below(3) == 0 {
                mutate(&mut text, &mut dice);
            }
            if let Ok(text) = std::str::from_utf8(&text) {
                hall.message(Token::NOWHERE, text, &mut wires);
            }
        }
        hall.tick(&mut wires);
        hall.closed(Token::NOWHERE);
    }
    assert!(hall.floor_commands() > count() as u64 / 1000, "orders were placed");
}

#[test]
fn every_row_of_bytes_is_frames_or_broken() {
    let mut dice = Dice(3);
    let mut messages = 0;
    for _ in 0..count() {
        let mut reader = Reader::default();
        let length = dice.below(40);
        let mut bytes = vec![[0x81, 0x01, 0x80, 0x89, 0x88][dice.below(5)], 0x80 | length as u8, 1, 2, 3, 4];
        bytes.extend((0..length).map(|_| b'a' + (dice.next() % 4) as u8));
        if dice.below(2) == 0 {
            mutate(&mut bytes, &mut dice);
        }
        let mut from = 0;
        while from < bytes.len() {
            match reader.read(&mut bytes[from..]) {
                Ok(Some((used, message))) => {
                    assert!(used > 0);
                    messages += usize::from(message.is_some());
                    from += used;
                }
                Ok(None) | Err(_) => break,
            }
        }
    }
    assert!(messages > count() / 4);
}
