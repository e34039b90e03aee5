//! Load on the exchange's server over loopback: signed orders on one and on ten WebSocket connections, 200 streams to 50 clients, memory.
//!
//! Run: `cargo run --release -p bot4-server --example load [seconds]`. The last line is JSON. Client and server share the machine's cores, so
//! the figures are of both together; `one_server_ns` is the server's own time for an answer, `one_waited_ms` how long its thread waited for a
//! processor, which on a busy machine is what the high percentiles are made of. Requests are signed ahead; the server checks every signature.
//! Limits are off.

mod wire;

use bot4_server::Running;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wire::{Wire, signed};

const ACCOUNTS: usize = 10;

fn settings() -> String {
    let name = |at: usize| format!("a{at}");
    let accounts: Vec<String> = (0..ACCOUNTS)
        .map(|at| format!(r#"{{"name":"{}","balances":{{"USDT":"100000000","BTC":"10000","ETH":"10000"}}}}"#, name(at)))
        .collect();
    let keys: Vec<String> =
        (0..ACCOUNTS).map(|at| format!(r#"{{"key":"key{at}","account":"{}","secret":"secret{at}"}}"#, name(at))).collect();
    format!(r#"{{"address":"127.0.0.1:0","accounts":[{}],"keys":[{}],"limits":false}}"#, accounts.join(","), keys.join(","))
}

fn now_ms() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis().to_string()
}

/// Returns frames that place an order that rests and cancel it, in turn.
fn orders(account: usize, count: usize) -> Vec<Vec<u8>> {
    let (key, secret, time) = (format!("key{account}"), format!("secret{account}"), now_ms());
    let mut made = Vec::with_capacity(2 * count);
    for at in 0..count {
        let (name, price) = (format!("c{account}-{at}"), format!("{}", 40_000 + at % 50));
        made.push(signed(
            2 * at,
            "order.place",
            &secret,
            &[
                ("apiKey", &key),
                ("newClientOrderId", &name),
                ("newOrderRespType", "RESULT"),
                ("price", &price),
                ("quantity", "0.01"),
                ("recvWindow", "60000"),
                ("side", "BUY"),
                ("symbol", "BTCUSDT"),
                ("timeInForce", "GTC"),
                ("timestamp", &time),
                ("type", "LIMIT"),
            ],
        ));
        made.push(signed(
            2 * at + 1,
            "order.cancel",
            &secret,
            &[("apiKey", &key), ("origClientOrderId", &name), ("recvWindow", "60000"), ("symbol", "BTCUSDT"), ("timestamp", &time)],
        ));
    }
    made
}

/// Sends frames with so many in flight and returns the time of each answer, nanoseconds.
fn drive(address: SocketAddr, frames: &[Vec<u8>], window: usize) -> Vec<u64> {
    let mut wire = Wire::connect(address, "/ws-api/v3?returnRateLimits=false");
    let mut sent = Vec::with_capacity(frames.len());
    let mut took = Vec::with_capacity(frames.len());
    while took.len() < frames.len() {
        while sent.len() < frames.len() && sent.len() - took.len() < window {
            sent.push(Instant::now());
            wire.send(&frames[sent.len() - 1]);
        }
        let answer = wire.next().expect("every order is answered");
        assert!(answer.windows(12).any(|piece| piece == b"\"status\":200"), "{}", String::from_utf8_lossy(&answer));
        took.push(sent[took.len()].elapsed().as_nanos() as u64);
    }
    took
}

fn percentile(sorted: &[u64], of: f64) -> u64 {
    sorted[((sorted.len() - 1) as f64 * of) as usize]
}

/// Returns orders placed a second, and percentiles of all answers' times.
fn measure(address: SocketAddr, connections: usize, count: usize, window: usize) -> (f64, [u64; 3]) {
    let frames: Vec<Vec<Vec<u8>>> = (0..connections).map(|at| orders(at, count)).collect();
    let began = Instant::now();
    let mut took: Vec<u64> = std::thread::scope(|scope| {
        let running: Vec<_> = frames.iter().map(|frames| scope.spawn(move || drive(address, frames, window))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a client that ended well")).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    ((connections * count) as f64 / seconds, [percentile(&took, 0.5), percentile(&took, 0.99), percentile(&took, 0.999)])
}

/// Returns the names of 200 streams.
fn streams() -> Vec<String> {
    const SYMBOLS: [&str; 10] =
        ["btcusdt", "ethusdt", "bnbusdt", "solusdt", "xrpusdt", "dogeusdt", "ltcusdt", "ethbtc", "bnbbtc", "btcusdc"];
    const TOPICS: [&str; 20] = [
        "trade",
        "aggTrade",
        "bookTicker",
        "depth@100ms",
        "depth",
        "depth5",
        "depth10",
        "depth20",
        "depth5@100ms",
        "depth20@100ms",
        "kline_1s",
        "kline_1m",
        "kline_5m",
        "kline_1h",
        "ticker",
        "miniTicker",
        "ticker_1h",
        "ticker_4h",
        "ticker_1d",
        "avgPrice",
    ];
    SYMBOLS.iter().flat_map(|symbol| TOPICS.iter().map(move |topic| format!("{symbol}@{topic}"))).collect()
}

/// Returns the number after a name in a message.
fn number(text: &str, name: &str) -> Option<u64> {
    let rest = &text[text.find(name)? + name.len()..];
    rest[..rest.find(|letter: char| !letter.is_ascii_digit())?].parse().ok()
}

/// Listens for so long; returns messages, and how many were missing by the numbers of trades and of book changes.
fn listen(address: SocketAddr, names: &[String], until: Instant) -> (u64, u64) {
    let mut wire = Wire::connect(address, &format!("/stream?streams={}", names.join("/")));
    wire.patience(Some(Duration::from_millis(200)));
    let (mut count, mut missing) = (0, 0);
    let mut last: HashMap<String, u64> = HashMap::new();
    while Instant::now() < until {
        let Some(message) = wire.next() else { continue };
        count += 1;
        let text = String::from_utf8(message).expect("text");
        let stream = text[11..].split('"').next().unwrap_or("").to_owned();
        let (first, end) = if stream.ends_with("@trade") {
            (number(&text, "\"t\":"), number(&text, "\"t\":"))
        } else if stream.ends_with("@depth@100ms") || stream.ends_with("@depth") {
            (number(&text, "\"U\":"), number(&text, "\"u\":"))
        } else {
            continue;
        };
        let (first, end) = (first.expect("a number"), end.expect("a number"));
        if last.insert(stream, end).is_some_and(|before| first != before + 1) {
            missing += 1;
        }
    }
    (count, missing)
}

/// Trades between two accounts, as fast as one connection goes, until a time; returns orders.
fn churn(address: SocketAddr, until: Instant) -> usize {
    let mut wires = [Wire::connect(address, "/ws-api/v3"), Wire::connect(address, "/ws-api/v3")];
    let mut count = 0;
    while Instant::now() < until {
        let time = now_ms();
        for (at, side) in [(0, "SELL"), (1, "BUY")] {
            let (key, secret, price) = (format!("key{at}"), format!("secret{at}"), format!("{}", 60_000 + count / 2 % 40));
            let params = [
                ("apiKey", key.as_str()),
                ("price", &price),
                ("quantity", "0.001"),
                ("side", side),
                ("symbol", "BTCUSDT"),
                ("timeInForce", "GTC"),
                ("timestamp", &time),
                ("type", "LIMIT"),
            ];
            wires[at].send(&signed(count, "order.place", &secret, &params));
            wires[at].next().expect("an answer");
            count += 1;
        }
    }
    count
}

fn memory_kb() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().split(' ').next()?.parse().ok()).expect("a size")
}

/// Returns how long the server's thread has run and how long it has waited for a processor (Linux, `schedstat`), nanoseconds.
fn scheduled() -> (u64, u64) {
    for task in std::fs::read_dir("/proc/self/task").expect("Linux").flatten() {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        if read("comm").trim() == "exchange" {
            let told = read("schedstat");
            let mut numbers = told.split_whitespace().filter_map(|text| text.parse().ok());
            return (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        }
    }
    (0, 0)
}

fn main() {
    let seconds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    let server = Running::start(&settings(), None).expect("it starts");
    let address = server.address();
    measure(address, 1, 2_000, 1);
    let (ran, waited) = scheduled();
    let (one, [p50, p99, p999]) = measure(address, 1, 20_000, 4);
    let (ran, waited) = (scheduled().0 - ran, scheduled().1 - waited);
    // Each order is an answer to its placing and one to its cancel.
    let (answer_ns, waited_ms) = (ran / 40_000, waited / 1_000_000);
    let (ten, [ten_p50, ten_p99, _]) = measure(address, 10, 5_000, 4);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (names, before) = (streams(), memory_kb());
    let mut halfway = 0;
    let (told, traded) = std::thread::scope(|scope| {
        let names = &names;
        let ears: Vec<_> = (0..50).map(|_| scope.spawn(move || listen(address, names, until))).collect();
        let hands = scope.spawn(move || churn(address, until - Duration::from_secs(1)));
        std::thread::sleep(Duration::from_secs(seconds / 2));
        halfway = memory_kb();
        let told: Vec<(u64, u64)> = ears.into_iter().map(|ear| ear.join().expect("a listener")).collect();
        (told, hands.join().expect("a trader"))
    });
    let (heard, missing) = told.iter().fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
    let after = memory_kb();
    println!(
        "{{\"one_per_s\":{one:.0},\"one_p50_ns\":{p50},\"one_p99_ns\":{p99},\"one_p999_ns\":{p999},\"one_server_ns\":{answer_ns},\"one_waited_ms\":{waited_ms},\"ten_per_s\":{ten:.0},\"ten_p50_ns\":{ten_p50},\
         \"ten_p99_ns\":{ten_p99},\"stream_messages\":{heard},\"stream_missing\":{missing},\"stream_orders\":{traded},\"stream_seconds\":{seconds},\
         \"memory_before_kb\":{before},\"memory_halfway_kb\":{halfway},\"memory_after_kb\":{after}}}"
    );
}
