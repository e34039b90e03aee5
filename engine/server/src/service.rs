//! HTTP and WebSocket on one side, the venue on the other: which door a request came to, and in what form it is answered.

use crate::calls::Ask;
use crate::faults::Fate;
use crate::hall::Hall;
use crate::keys::{check_signature, check_time, unsigned};
use crate::sessions::Speaks;
use bot4_exchange::Account;
use bot4_exchange::binance::call::{Need, Row};
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::params::Params;
use bot4_exchange::binance::streams::Stream;
use bot4_io::http::{self, Request};
use bot4_io::net::{Next, Service, Token, Wires};
use bot4_io::websocket;
use std::net::IpAddr;
use std::time::{Duration, Instant};

const JSON: &str = "application/json;charset=UTF-8";
/// Streams that are further behind than this begin anew from now.
const MANY_BEATS: i64 = 60_000_000;
/// Longest time without a look at the clock.
const LONGEST: Duration = Duration::from_millis(50);

impl Service for Hall {
    fn request(&mut self, from: Token, peer: IpAddr, request: &Request<'_>, wires: &mut Wires) -> Next {
        let is_upgrade = request.header("upgrade").is_some_and(|word| word.eq_ignore_ascii_case("websocket"));
        match request.path.split('/').nth(1) {
            Some("api" | "sapi" | "fapi" | "dapi") => self.rest(from, peer, request, wires),
            Some("ws" | "stream" | "ws-api") if is_upgrade => self.upgrade(from, peer, request, wires),
            Some("control") => self.operate(from, peer, request, wires),
            Some("metrics") => {
                let mut text = String::new();
                crate::metrics::write(self, wires.open(), &mut text);
                reply(wires, from, 200, "text/plain; version=0.0.4", b"", text.as_bytes(), request.is_kept)
            }
            _ => reply(wires, from, 404, "text/plain", b"", b"Not Found", request.is_kept),
        }
    }

    fn message(&mut self, from: Token, text: &str, wires: &mut Wires) -> Next {
        let is_limited = self.limits.is_on;
        let Some(session) = self.sessions.get(from) else { return Next::Close };
        if session.speaks == Speaks::Api {
            self.counted.calls += 1;
            return self.api(from, text, wires);
        }
        self.counted.messages += 1;
        if is_limited && session.is_flood(Instant::now()) {
            self.counted.floods += 1;
            wires.close(from, 1008);
            return Next::Keep;
        }
        self.subscription(from, text, wires);
        Next::Keep
    }

    fn control(&mut self, from: Token, wires: &mut Wires) -> Next {
        let is_limited = self.limits.is_on;
        if let Some(session) = self.sessions.get(from)
            && session.speaks != Speaks::Api
            && is_limited
            && session.is_flood(Instant::now())
        {
            self.counted.floods += 1;
            wires.close(from, 1008);
        }
        Next::Keep
    }

    fn closed(&mut self, from: Token) {
        self.sessions.close(from);
    }

    fn tick(&mut self, wires: &mut Wires) -> Duration {
        let now = self.clock.now();
        self.change(now, wires);
        // At speed many beats may have passed: the agents act up to each before it is told. A journal that fails is told by the commit.
        loop {
            let due = self.push.due();
            let at = if due <= now && now - due < MANY_BEATS { due } else { now };
            if self.catch_up(at, wires).is_err() {
                return LONGEST;
            }
            self.push.beat(&mut self.floor, &mut self.sessions, wires, &mut self.faults, at);
            if at == now {
                break;
            }
        }
        self.faults.send_late(now, wires);
        // What is acknowledged is on the journal before it is written to a socket.
        if self.floor.commit().is_err() {
            return LONGEST;
        }
        let due = self.push.due();
        self.clock.until(due, LONGEST)
    }
}

/// Writes an answer of HTTP.
pub(crate) fn reply(wires: &mut Wires, to: Token, status: u16, kind: &str, headers: &[u8], body: &[u8], is_kept: bool) -> Next {
    if let Some(output) = wires.output(to) {
        http::answer(output, status, kind, headers, body, is_kept);
    }
    if is_kept { Next::Keep } else { Next::Close }
}

/// Writes a fault as JSON: code, text, data.
fn write_fault(json: &mut Json<'_>, fault: &Fault) {
    json.object().key("code").number(i64::from(fault.code)).key("msg").text(&fault.text);
    if let Some(data) = &fault.data {
        json.key("data").raw(data);
    }
    json.end();
}

impl Hall {
    fn rest(&mut self, from: Token, peer: IpAddr, request: &Request<'_>, wires: &mut Wires) -> Next {
        self.counted.requests += 1;
        let mut body = std::mem::take(&mut self.answer);
        body.clear();
        let mut whose = 0;
        let Some(row) = Row::of_path(request.method, request.path) else {
            self.counted.refused += 1;
            self.answer = body;
            return if Row::is_path(request.path) {
                let text = br#"{"code":-1000,"msg":"Request method is not supported."}"#;
                reply(wires, from, 405, JSON, b"", text, request.is_kept)
            } else {
                reply(wires, from, 404, "text/html", b"", b"<html><body><h2>404 Not found</h2></body></html>", request.is_kept)
            };
        };
        let (is_order, now) = (row.orders > 0, self.clock.now());
        let mut fate = self.faults.request(now, row.method, row.path);
        if fate == Fate::NeverCame {
            self.answer = body;
            return Next::Cut;
        }
        let mut answered = self.faults.before(is_order).and_then(|()| fate.before());
        if answered.is_ok() {
            answered = self.rest_call(row, peer, request, &mut body, wires).map(|account| whose = account);
        }
        if answered.is_ok() && fate == Fate::Sent {
            fate = self.faults.after(is_order);
        }
        match fate {
            Fate::Lost => {
                self.answer = body;
                return Next::Cut;
            }
            Fate::Unknown(status, _) => answered = Err(crate::faults::unknown(status)),
            _ => {}
        }
        let mut headers = std::mem::take(&mut self.frame);
        headers.clear();
        let status = match &answered {
            Ok(()) => 200,
            Err(fault) => {
                self.counted.refused += 1;
                self.counted.limited += u64::from(matches!(fault.status, 418 | 429));
                body.clear();
                write_fault(&mut Json::new(&mut body, false), fault);
                if let Some(seconds) = fault.retry_after {
                    headers.extend_from_slice(format!("Retry-After: {seconds}\r\n").as_bytes());
                }
                fault.status
            }
        };
        let account = (answered.is_ok() && is_order).then_some(whose);
        self.limits.headers(peer, account, now, &mut headers);
        let next = if let Fate::Late(by) = fate {
            let mut late = Vec::new();
            http::answer(&mut late, status, JSON, &headers, &body, request.is_kept);
            self.faults.later(now + by, from, late);
            Next::Keep
        } else {
            reply(wires, from, status, JSON, &headers, &body, request.is_kept)
        };
        (self.answer, self.frame) = (body, headers);
        next
    }

    /// Answers a REST call; returns whose it was.
    fn rest_call(
        &mut self,
        row: &'static Row,
        peer: IpAddr,
        request: &Request<'_>,
        out: &mut Vec<u8>,
        wires: &mut Wires,
    ) -> Result<Account, Fault> {
        let now = self.clock.now();
        let text = std::str::from_utf8(request.body).map_err(|_| Fault::new(-1100, "Illegal characters found in a parameter."));
        let form = text.and_then(|body| Params::form(request.query, body).map(|params| (params, body)));
        let weight = form.as_ref().map_or(row.weight, |(params, _)| row.weight(params));
        self.limits.charge(peer, weight, now)?;
        let (params, body) = form?;
        let account = self.authorize(row, request.header("x-mbx-apikey"), &params, [request.query, body], now)?;
        if row.orders > 0 {
            self.limits.place(account, row.orders, now)?;
        }
        let is_micros = request.header("x-mbx-time-unit").is_some_and(|unit| unit.eq_ignore_ascii_case("microsecond"));
        self.perform(&Ask { row, params: &params, account, now, is_micros }, out, wires)?;
        Ok(account)
    }

    /// Returns who asks: 0 for a call that anybody may make.
    fn authorize(&self, row: &Row, key: Option<&str>, params: &Params<'_>, parts: [&str; 2], now: i64) -> Result<Account, Fault> {
        if row.need == Need::Nothing {
            // A key may be sent, and some clients sign whatever they ask.
            return Ok(0);
        }
        let key = self.keys.find(key)?;
        if row.need == Need::Signed {
            check_time(params, self.faults.clock(now))?;
            let [a, b] = unsigned(parts[0]);
            let [c, d] = unsigned(parts[1]);
            check_signature(key, params, &[a.as_bytes(), b.as_bytes(), c.as_bytes(), d.as_bytes()])?;
        }
        Ok(key.account)
    }

    /// Answers the handshake of a WebSocket and opens its session.
    fn upgrade(&mut self, from: Token, peer: IpAddr, request: &Request<'_>, wires: &mut Wires) -> Next {
        let version = request.header("sec-websocket-version");
        let Some(key) = request.header("sec-websocket-key").filter(|key| key.len() <= 64 && version == Some("13")) else {
            return reply(wires, from, 400, "text/plain", b"", b"Bad Request", false);
        };
        let path = request.path;
        let speaks = match path.split('/').nth(1) {
            Some("ws-api") if path.trim_end_matches('/') == "/ws-api/v3" => Speaks::Api,
            Some("ws") => Speaks::Streams(false),
            Some("stream") => Speaks::Streams(true),
            _ => return reply(wires, from, 404, "text/plain", b"", b"Not Found", false),
        };
        if let Some(output) = wires.output(from) {
            let accept = websocket::accept(key);
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            output.extend_from_slice(head.as_bytes());
        }
        let now = self.clock.now();
        self.sessions.open(from, speaks, peer, now);
        let parameter = |name: &str| request.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if let (Speaks::Api, Some("false"), Some(session)) = (speaks, parameter("returnRateLimits"), self.sessions.get(from)) {
            session.with_limits = false;
        }
        let names = match speaks {
            Speaks::Streams(false) => path.strip_prefix("/ws/").unwrap_or(""),
            Speaks::Streams(true) => parameter("streams").unwrap_or(""),
            Speaks::Api => "",
        };
        let names = names.replace("%40", "@").replace("%21", "!").replace("%2F", "/");
        for name in names.split('/').filter(|name| !name.is_empty()) {
            self.subscribe(from, name);
        }
        Next::Upgrade
    }

    /// Subscribes a connection to a stream by its name; tells whether there was room.
    pub(crate) fn subscribe(&mut self, from: Token, name: &str) -> bool {
        let stream = Stream::find(name, |symbol| self.floor.profile.symbol(symbol));
        self.sessions.subscribe(from, name, stream)
    }
}

/// Writes a fault as JSON, for the WebSocket API.
pub(crate) fn fault_json(json: &mut Json<'_>, fault: &Fault, now_ms: i64) {
    json.object().key("code").number(i64::from(fault.code)).key("msg").text(&fault.text);
    if let Some(data) = &fault.data {
        json.key("data").raw(data);
    } else if let Some(seconds) = fault.retry_after {
        json.key("data").object().key("serverTime").number(now_ms).key("retryAfter").number(now_ms + seconds * 1000).end();
    }
    json.end();
}
