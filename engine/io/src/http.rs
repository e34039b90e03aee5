//! HTTP/1.1 as a server reads and writes it, without sockets: bytes in, a request out; what is wrong is refused with its status.
//!
//! Bounded in everything: bytes of a head, number of headers, bytes of a body. Not here: chunked requests (refused with 411: no client of an
//! exchange sends them), routing, sockets (`net`).

use std::io::Write;

/// The most bytes of a request line and its headers.
pub const HEAD_BYTES: usize = 16 * 1024;
/// The most bytes of a body.
pub const BODY_BYTES: usize = 64 * 1024;
/// The most headers.
pub const HEADERS: usize = 64;

/// A request; everything borrows from the bytes read.
#[derive(Debug)]
pub struct Request<'b> {
    /// Method, as sent.
    pub method: &'b str,
    /// Path, without the query.
    pub path: &'b str,
    /// Query as sent, still encoded; empty where there is none.
    pub query: &'b str,
    /// Body.
    pub body: &'b [u8],
    /// Whether the connection stays open after the answer.
    pub is_kept: bool,
    headers: [httparse::Header<'b>; HEADERS],
    count: usize,
}

/// Why a request is not one: the status to answer with before the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// 400: not HTTP.
    Malformed,
    /// 411: a body without a length.
    Length,
    /// 413: a body that is too long.
    Body,
    /// 431: a head that is too long, or too many headers.
    Head,
    /// 505: another version of HTTP.
    Version,
}

impl Bad {
    /// Returns the status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Length => 411,
            Self::Body => 413,
            Self::Head => 431,
            Self::Version => 505,
        }
    }
}

impl<'b> Request<'b> {
    /// Reads a request from the front of `bytes`: it and how many bytes it took, or none where more must arrive first.
    ///
    /// # Errors
    /// Returns [`Bad`] where no bytes to come could mend it; the connection is then out of step and must end.
    pub fn read(bytes: &'b [u8]) -> Result<Option<(Self, usize)>, Bad> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let head = match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(head)) if head > HEAD_BYTES => return Err(Bad::Head),
            Ok(httparse::Status::Complete(head)) => head,
            Ok(httparse::Status::Partial) if bytes.len() > HEAD_BYTES => return Err(Bad::Head),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(Bad::Head),
            Err(httparse::Error::Version) => return Err(Bad::Version),
            Err(_) => return Err(Bad::Malformed),
        };
        let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version) else {
            return Err(Bad::Malformed);
        };
        let count = parsed.headers.len();
        let target = target.split('#').next().unwrap_or("");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self { method, path, query, body: &[], is_kept: version == 1, headers, count };
        let length = request.length()?;
        if let Some(word) = request.header("connection") {
            let has = |name: &str| word.split(',').any(|part| part.trim().eq_ignore_ascii_case(name));
            request.is_kept = (request.is_kept && !has("close")) || has("keep-alive");
        }
        let Some(body) = bytes.get(head..head + length) else { return Ok(None) };
        request.body = body;
        Ok(Some((request, head + length)))
    }

    /// Returns a header's value, the name in any case; none where it is missing or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'b str> {
        let found = self.headers[..self.count].iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok().map(str::trim)
    }

    /// Returns the bytes of the body; two lengths that differ are an attack.
    fn length(&self) -> Result<usize, Bad> {
        let mut length = None;
        for header in &self.headers[..self.count] {
            if header.name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(Bad::Length);
            }
            if header.name.eq_ignore_ascii_case("content-length") {
                let text = std::str::from_utf8(header.value).map_err(|_| Bad::Malformed)?.trim();
                if text.is_empty() || text.len() > 18 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Bad::Malformed);
                }
                let stated = text.parse::<usize>().map_err(|_| Bad::Malformed)?;
                if length.is_some_and(|before| before != stated) {
                    return Err(Bad::Malformed);
                }
                length = Some(stated);
            }
        }
        let length = length.unwrap_or(0);
        if length > BODY_BYTES { Err(Bad::Body) } else { Ok(length) }
    }
}

/// Returns the words of a status.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        418 => "I'm a teapot",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}

/// Appends an answer: status line, `headers` (whole lines, each ended by CR LF), type, length, body.
pub fn answer(out: &mut Vec<u8>, status: u16, kind: &str, headers: &[u8], body: &[u8], is_kept: bool) {
    let connection = if is_kept { "keep-alive" } else { "close" };
    let length = body.len();
    let (reason, end) = (reason(status), "\r\n");
    // Writing into memory cannot fail.
    let _ =
        write!(out, "HTTP/1.1 {status} {reason}{end}Content-Type: {kind}{end}Content-Length: {length}{end}Connection: {connection}{end}");
    out.extend_from_slice(headers);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(Request<'_>, usize)>, Bad> {
        Request::read(text.as_bytes())
    }

    #[test]
    fn a_request_is_read_however_it_is_cut() {
        let text = "POST /api/v3/order?symbol=BTCUSDT HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY:  key \r\nContent-Length: 7\r\n\r\nside=UPnext";
        let whole = text.len() - 4;
        for cut in 0..whole {
            assert!(read(&text[..cut]).expect("not bad").is_none(), "cut at {cut}");
        }
        let (request, used) = read(text).expect("good").expect("whole");
        assert_eq!((request.method, request.path, request.query), ("POST", "/api/v3/order", "symbol=BTCUSDT"));
        assert_eq!((request.header("x-mbx-apikey"), request.body, used), (Some("key"), &b"side=UP"[..], whole));
        assert!(request.is_kept);
    }

    #[test]
    fn what_cannot_become_a_request_is_refused_with_its_status() {
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(HEAD_BYTES));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(HEADERS + 1));
        let cases = [
            ("GET / HTTP/3.0\r\n\r\n", 505),
            ("\0\0\0\0", 400),
            ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", 413),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            (&long, 431),
            (&many, 431),
        ];
        for (text, status) in cases {
            assert_eq!(read(text).err().map(Bad::status), Some(status), "{text:.60}");
        }
    }

    #[test]
    fn a_connection_is_kept_as_the_version_and_the_header_say() {
        for (text, kept) in [
            ("GET / HTTP/1.1\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ] {
            assert_eq!(read(text).expect("good").expect("whole").0.is_kept, kept, "{text}");
        }
    }

    #[test]
    fn an_answer_is_what_a_client_reads() {
        let mut out = Vec::new();
        answer(&mut out, 429, "application/json", b"Retry-After: 5\r\n", b"{}", true);
        let mut headers = [httparse::EMPTY_HEADER; 8];
        let mut parsed = httparse::Response::new(&mut headers);
        let head = parsed.parse(&out).expect("HTTP").unwrap();
        assert_eq!((parsed.code, &out[head..]), (Some(429), &b"{}"[..]));
        assert!(parsed.headers.iter().any(|header| header.name == "Retry-After" && header.value == b"5"));
    }
}
