//! A client as small as can be, written from the venue's documents: HTTP/1.1, WebSocket frames (RFC 6455), HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// Asks in the name of a key.
#[derive(Clone, Copy)]
pub struct Client {
    pub address: SocketAddr,
    pub key: &'static str,
    pub secret: &'static str,
    pub now_ms: i64,
}

/// Returns a member that is text.
pub fn text_of<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or("?")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

impl Client {
    fn signature(&self, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Asks a call, signed where its path is one of accounts and orders; returns status and JSON.
    pub fn ask(&self, method: &str, path: &str, params: &[(&str, &str)]) -> (u16, Value) {
        let row = bot4_exchange::binance::call::Row::of_path(method, path);
        let is_signed = row.is_some_and(|row| row.need == bot4_exchange::binance::call::Need::Signed);
        let mut query: Vec<String> = params.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if is_signed {
            query.push(format!("timestamp={}", self.now_ms));
            query.push(format!("signature={}", self.signature(&query.join("&"))));
        }
        let (status, text) = self.text(method, &format!("{path}?{}", query.join("&")));
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Posts to the control API.
    pub fn operate(&self, what: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let head = format!("POST /control/{what} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        let (status, text) = self.sent(&format!("{head}Connection: close\r\n\r\n{body}"));
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Asks for a target as it is; returns status and body.
    pub fn text(&self, method: &str, target: &str) -> (u16, String) {
        self.sent(&format!("{method} {target} HTTP/1.1\r\nX-MBX-APIKEY: {}\r\nConnection: close\r\n\r\n", self.key))
    }

    fn sent(&self, request: &str) -> (u16, String) {
        let mut wire = TcpStream::connect(self.address).expect("it listens");
        wire.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        wire.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        wire.read_to_string(&mut answer).expect("closed as asked");
        let status = answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        (status, answer.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
    }
}

/// A WebSocket.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Opens one.
    pub fn open(address: SocketAddr, target: &str) -> Self {
        let mut wire = TcpStream::connect(address).expect("it listens");
        wire.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let upgrade =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
        wire.write_all(format!("GET {target} HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n\r\n").as_bytes()).expect("sent");
        let (mut wire, mut line, mut head) = (BufReader::new(wire), String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            wire.read_line(&mut line).expect("a line");
            head.push_str(&line);
        }
        // RFC 6455, section 1.3: the answer to that key.
        assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Self(wire)
    }

    /// Sends a text.
    pub fn send(&mut self, text: &str) {
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend((text.len() as u16).to_be_bytes());
        frame.extend([1, 2, 3, 4]);
        frame.extend(text.bytes().zip([1, 2, 3, 4].into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
        if text.len() < 126 {
            frame[1] = 0x80 | text.len() as u8;
            frame.drain(2..4);
        }
        self.0.get_mut().write_all(&frame).expect("sent");
    }

    /// Reads the next text, as JSON.
    pub fn read(&mut self) -> Value {
        loop {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).expect("a frame");
            let length = match head[1] {
                126 => self.number::<2>(),
                127 => self.number::<8>(),
                short => u64::from(short),
            };
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).expect("its payload");
            if head[0] == 0x81 {
                return serde_json::from_slice(&payload).expect("JSON");
            }
        }
    }

    fn number<const N: usize>(&mut self) -> u64 {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes).expect("a length");
        bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Calls a method of the WebSocket API; returns its answer.
    pub fn call(&mut self, client: &Client, id: usize, word: &str, params: &[(&str, &str)], is_signed: bool) -> Value {
        let mut given: Map<String, Value> = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if is_signed {
            given.insert("apiKey".into(), json!(client.key));
            given.insert("timestamp".into(), json!(client.now_ms));
            // In the order of the names (Binance Spot, WebSocket API, "Request security").
            let mut sorted: Vec<String> = given
                .iter()
                .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                .collect();
            sorted.sort();
            given.insert("signature".into(), json!(client.signature(&sorted.join("&"))));
        }
        self.send(&json!({"id": id, "method": word, "params": given}).to_string());
        self.read()
    }
}
