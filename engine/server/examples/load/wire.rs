//! A client's end of a WebSocket, blocking, and requests signed ahead.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

pub struct Wire {
    stream: TcpStream,
    input: Vec<u8>,
    from: usize,
}

impl Wire {
    pub fn connect(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut wire = Self { stream, input: Vec::new(), from: 0 };
        loop {
            if let Some(end) = wire.input.windows(4).position(|four| four == b"\r\n\r\n") {
                assert!(wire.input.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&wire.input));
                wire.from = end + 4;
                return wire;
            }
            assert!(wire.fill() > 0, "the handshake was answered");
        }
    }

    pub fn send(&mut self, frame: &[u8]) {
        self.stream.write_all(frame).expect("sent");
    }

    /// Waits at most so long for what comes next; for ever where none is given.
    pub fn patience(&self, wait: Option<std::time::Duration>) {
        self.stream.set_read_timeout(wait).expect("a socket");
    }

    fn fill(&mut self) -> usize {
        if self.from > 0 {
            self.input.drain(..self.from);
            self.from = 0;
        }
        let mut piece = [0; 65536];
        match self.stream.read(&mut piece) {
            Ok(count) => {
                self.input.extend_from_slice(&piece[..count]);
                count
            }
            Err(_) => 0,
        }
    }

    /// Returns the next text message; none where nothing more comes. Pings are passed over.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let bytes = &self.input[self.from..];
            let whole = match *bytes {
                [first, length @ 0..=125, ..] => Some((first, 2, usize::from(length))),
                [first, 126, a, b, ..] => Some((first, 4, usize::from(u16::from_be_bytes([a, b])))),
                [first, 127, a, b, c, d, e, f, g, h, ..] => Some((first, 10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize)),
                _ => None,
            };
            if let Some((first, head, length)) = whole
                && bytes.len() >= head + length
            {
                let payload = bytes[head..head + length].to_vec();
                self.from += head + length;
                if first == 0x81 {
                    return Some(payload);
                }
                continue;
            }
            if self.fill() == 0 {
                return None;
            }
        }
    }
}

/// Returns a masked text frame (the mask is zero: the payload stands as it is).
pub fn frame(text: &str) -> Vec<u8> {
    let mut out = vec![0x81];
    if text.len() < 126 {
        out.push(0x80 | text.len() as u8);
    } else {
        out.push(0x80 | 126);
        out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(text.as_bytes());
    out
}

/// Returns a signed message of the WebSocket API as a frame; parameters must come sorted by name.
pub fn signed(id: usize, method: &str, secret: &str, params: &[(&str, &str)]) -> Vec<u8> {
    let payload = params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let mut keyed = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    keyed.update(payload.as_bytes());
    let signature: String = keyed.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let body: String = params.iter().map(|(name, value)| format!("\"{name}\":\"{value}\",")).collect();
    frame(&format!("{{\"id\":{id},\"method\":\"{method}\",\"params\":{{{body}\"signature\":\"{signature}\"}}}}"))
}
