//! WebSocket (RFC 6455) as a server speaks it, without sockets: bytes in, messages out.
//!
//! A client's frames must be masked, a message may come in pieces, control frames between them; all of it bounded. No extension is offered.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The most bytes of a client's message.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// The constant of the handshake (RFC 6455, 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Returns the answer to `Sec-WebSocket-Key`.
#[must_use]
pub fn accept(key: &str) -> String {
    STANDARD.encode(Sha1::new().chain_update(key.as_bytes()).chain_update(GUID).finalize())
}

/// Kind of a frame the server writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text message.
    Text = 1,
    /// The end, with its code.
    Close = 8,
    /// A ping.
    Ping = 9,
    /// The answer to a ping.
    Pong = 10,
}

/// Appends a frame of a server: whole, not masked.
pub fn write(out: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    out.push(0x80 | kind as u8);
    match payload.len() {
        length @ 0..=125 => out.push(length as u8),
        length @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'b> {
    /// A whole text message.
    Text(&'b str),
    /// A ping; it is to be answered with the same bytes.
    Ping(&'b [u8]),
    /// The answer to a ping.
    Pong(&'b [u8]),
    /// The end.
    Close,
}

/// Why a connection must end: the code to close it with (RFC 6455, 7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// 1002: against the protocol.
    Protocol,
    /// 1003: binary, which no venue of ours reads.
    Binary,
    /// 1007: text that is not UTF-8.
    Text,
    /// 1009: too long.
    Long,
}

impl Broken {
    /// Returns the code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::Binary => 1003,
            Self::Text => 1007,
            Self::Long => 1009,
        }
    }
}

/// Reads one connection: puts messages that come in pieces together.
#[derive(Default)]
pub struct Reader {
    pieces: Vec<u8>,
    is_inside: bool,
}

/// A frame's head.
struct Head {
    is_last: bool,
    code: u8,
    mask: [u8; 4],
    from: usize,
    length: usize,
}

fn head(bytes: &[u8]) -> Result<Option<Head>, Broken> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    if first & 0x70 != 0 || second & 0x80 == 0 {
        return Err(Broken::Protocol);
    }
    let (is_last, code) = (first & 0x80 != 0, first & 0x0f);
    let (length, at) = match second & 0x7f {
        126 => match bytes.get(2..4) {
            Some(&[a, b]) => (u64::from(u16::from_be_bytes([a, b])), 4),
            _ => return Ok(None),
        },
        127 => match bytes.get(2..10).and_then(|long| <[u8; 8]>::try_from(long).ok()) {
            Some(long) => (u64::from_be_bytes(long), 10),
            None => return Ok(None),
        },
        short => (u64::from(short), 2),
    };
    if code >= 8 && (!is_last || length > 125) {
        return Err(Broken::Protocol);
    }
    if length > MESSAGE_BYTES as u64 {
        return Err(Broken::Long);
    }
    let Some(mask) = bytes.get(at..at + 4).and_then(|mask| <[u8; 4]>::try_from(mask).ok()) else { return Ok(None) };
    Ok(Some(Head { is_last, code, mask, from: at + 4, length: length as usize }))
}

impl Reader {
    /// Reads a frame from the front of `bytes`, which it unmasks in place: how many bytes it took and the message it ended, if it did; none
    /// where more must arrive first.
    ///
    /// # Errors
    /// Returns [`Broken`]; the connection must end.
    pub fn read<'b>(&'b mut self, bytes: &'b mut [u8]) -> Result<Option<(usize, Option<Message<'b>>)>, Broken> {
        let Some(head) = head(bytes)? else { return Ok(None) };
        let used = head.from + head.length;
        let Some(payload) = bytes.get_mut(head.from..used) else { return Ok(None) };
        unmask(payload, head.mask);
        let message = match head.code {
            0 | 1 if (head.code == 0) == self.is_inside => {
                if !self.is_inside && head.is_last {
                    return Ok(Some((used, Some(Message::Text(text(payload)?)))));
                }
                if !self.is_inside {
                    self.pieces.clear();
                }
                if self.pieces.len() + payload.len() > MESSAGE_BYTES {
                    return Err(Broken::Long);
                }
                self.pieces.extend_from_slice(payload);
                self.is_inside = !head.is_last;
                if head.is_last { Some(Message::Text(text(&self.pieces)?)) } else { None }
            }
            2 => return Err(Broken::Binary),
            8 => Some(Message::Close),
            9 => Some(Message::Ping(payload)),
            10 => Some(Message::Pong(payload)),
            _ => return Err(Broken::Protocol),
        };
        Ok(Some((used, message)))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Broken> {
    std::str::from_utf8(bytes).map_err(|_| Broken::Text)
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for piece in payload.chunks_mut(4) {
        for (byte, key) in piece.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![first];
        let mask = [1, 2, 3, 4];
        match payload.len() {
            length @ 0..=125 => out.push(0x80 | length as u8),
            length @ 126..=0xffff => {
                out.push(0x80 | 126);
                out.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                out.push(0x80 | 127);
                out.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        out.extend_from_slice(&mask);
        out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        out
    }

    /// RFC 6455, 1.3.
    #[test]
    fn the_handshake_is_that_of_the_standard() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_message_is_read_however_it_is_cut() {
        for length in [0, 1, 125, 126, 127, 5_000] {
            let text = "x".repeat(length);
            let bytes = frame(0x81, text.as_bytes());
            let mut reader = Reader::default();
            for cut in 0..bytes.len() {
                assert_eq!(reader.read(&mut bytes[..cut].to_vec()), Ok(None));
            }
            assert_eq!(reader.read(&mut bytes.clone()), Ok(Some((bytes.len(), Some(Message::Text(&text))))));
        }
    }

    #[test]
    fn pieces_become_one_message_with_a_ping_between_them() {
        let mut reader = Reader::default();
        assert_eq!(reader.read(&mut frame(0x01, b"He")).expect("good").expect("whole").1, None);
        assert_eq!(reader.read(&mut frame(0x89, b"p")).expect("good").expect("whole").1, Some(Message::Ping(b"p")));
        assert_eq!(reader.read(&mut frame(0x80, b"llo")).expect("good").expect("whole").1, Some(Message::Text("Hello")));
        assert_eq!(reader.read(&mut frame(0x81, b"again")).expect("good").expect("whole").1, Some(Message::Text("again")));
    }

    #[test]
    fn what_breaks_the_protocol_ends_with_its_code() {
        let read = |bytes: Vec<u8>| Reader::default().read(&mut bytes.clone()).err().map(Broken::code);
        assert_eq!(read(vec![0x81, 0x01, b'x']), Some(1002), "not masked");
        assert_eq!(read(frame(0xc1, b"x")), Some(1002), "a reserved bit");
        assert_eq!(read(frame(0x83, b"x")), Some(1002), "an unknown code");
        assert_eq!(read(frame(0x80, b"x")), Some(1002), "a piece of nothing");
        assert_eq!(read(frame(0x09, b"x")), Some(1002), "a control frame in pieces");
        assert_eq!(read(frame(0x89, &[0; 126])), Some(1002), "a long control frame");
        assert_eq!(read(frame(0x82, b"x")), Some(1003));
        assert_eq!(read(frame(0x81, &[0xff])), Some(1007));
        let huge = [&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
        assert_eq!(read(huge), Some(1009));
        let mut reader = Reader::default();
        let piece = vec![b'x'; MESSAGE_BYTES];
        assert!(reader.read(&mut frame(0x01, &piece)).is_ok());
        assert_eq!(reader.read(&mut frame(0x00, b"x")).err(), Some(Broken::Long));
    }

    #[test]
    fn frames_of_the_server_carry_their_length_in_the_shortest_form() {
        for (length, head) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let mut out = Vec::new();
            write(&mut out, Kind::Text, &vec![b'x'; length]);
            assert_eq!((out.len(), out[0]), (head + length, 0x81));
        }
    }
}
