//! API keys: whose they are, how they sign, and when a signed request is taken (Binance Spot, "Request security").

use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::params::Params;
use bot4_exchange::{Account, Micros};
use bot4_io::keys::Signer;
use serde::Deserialize;
use std::collections::HashMap;

/// A key as it is set: a shared secret, or a public key in PEM.
#[derive(Debug, Clone, Deserialize)]
pub struct KeySetting {
    /// The key that clients send.
    pub key: String,
    /// Name of the account it belongs to.
    pub account: String,
    /// HMAC: the shared secret.
    #[serde(default)]
    pub secret: Option<String>,
    /// RSA or Ed25519: the public key.
    #[serde(default)]
    pub public: Option<String>,
}

/// A key.
pub struct Key {
    /// Its account.
    pub account: Account,
    /// How it signs.
    pub signer: Signer,
}

/// All keys.
#[derive(Default)]
pub struct Keys {
    keys: HashMap<String, Key>,
}

/// Longest window of a signed request, microseconds.
const LONGEST: Micros = 60_000_000;
/// Window where none is given.
const DEFAULT: Micros = 5_000_000;
/// How far ahead of the venue a client's clock may be.
const AHEAD: Micros = 1_000_000;

impl Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// One sentence where it is neither a secret nor a public key.
    pub fn add(&mut self, setting: &KeySetting, account: Account) -> Result<(), String> {
        let signer = match (&setting.secret, &setting.public) {
            (Some(secret), None) => Some(Signer::hmac(secret)),
            (None, Some(pem)) => Signer::public(pem),
            _ => None,
        };
        let short: String = setting.key.chars().take(8).collect();
        let signer =
            signer.ok_or_else(|| format!("key {short}… needs either `secret` or `public` (an RSA or Ed25519 public key in PEM)"))?;
        self.keys.insert(setting.key.clone(), Key { account, signer });
        Ok(())
    }

    /// Returns a key by what clients send.
    ///
    /// # Errors
    /// −2014 where there is none or its form is wrong, −2015 where nobody has it; both with status 401.
    pub fn find(&self, key: Option<&str>) -> Result<&Key, Fault> {
        let key = key.unwrap_or("");
        if key.is_empty() || key.len() > 128 || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::with(401, -2014, "API-key format invalid."));
        }
        self.keys.get(key).ok_or_else(|| Fault::with(401, -2015, "Invalid API-key, IP, or permissions for action."))
    }
}

/// Refuses a request that is too old, or ahead of the venue.
///
/// # Errors
/// −1102, −1131 or −1021.
pub fn check_time(params: &Params<'_>, now: Micros) -> Result<(), Fault> {
    let window = window(params)?;
    let at = params.time("timestamp")?.ok_or_else(|| Fault::missing("timestamp"))?;
    if at >= now + AHEAD {
        return Err(Fault::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time."));
    }
    if now - at > window {
        return Err(Fault::new(-1021, "Timestamp for this request is outside of the recvWindow."));
    }
    Ok(())
}

/// Returns the window: milliseconds with at most three decimals.
fn window(params: &Params<'_>) -> Result<Micros, Fault> {
    let Some(units) = params.amount("recvWindow")? else { return Ok(DEFAULT) };
    let micros = units / 100_000;
    if micros > LONGEST {
        return Err(Fault::new(-1131, "recvWindow must be less than 60000."));
    }
    if units % 100_000 != 0 {
        return Err(Fault::new(-1111, "Parameter 'recvWindow' has too much precision."));
    }
    Ok(micros)
}

/// Refuses a payload that was not signed by the key.
///
/// # Errors
/// −1102 where the signature is missing, −1022 where it is not that of the payload.
pub fn check_signature(key: &Key, params: &Params<'_>, payload: &[&[u8]]) -> Result<(), Fault> {
    let signature = params.must("signature")?;
    if key.signer.verifies(payload, signature) { Ok(()) } else { Err(Fault::new(-1022, "Signature for this request is not valid.")) }
}

/// Returns a query or form without its signature, in two parts.
#[must_use]
pub fn unsigned(text: &str) -> [&str; 2] {
    let at = if text.starts_with("signature=") { Some(0) } else { text.find("&signature=") };
    let Some(at) = at else { return [text, ""] };
    let rest = &text[at + 1..];
    let after = rest.find('&').map_or("", |end| &rest[end..]);
    [&text[..at], if at == 0 { after.strip_prefix('&').unwrap_or(after) } else { after }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_cut_out_wherever_it_stands() {
        assert_eq!(unsigned("a=1&b=2&signature=xyz").concat(), "a=1&b=2");
        assert_eq!(unsigned("a=1&signature=xyz&b=2").concat(), "a=1&b=2");
        assert_eq!(unsigned("signature=xyz&b=2").concat(), "b=2");
        assert_eq!(unsigned("signature=xyz").concat(), "");
        assert_eq!(unsigned("a=1").concat(), "a=1");
        assert_eq!(unsigned("").concat(), "");
    }

    #[test]
    fn a_request_is_taken_within_its_window() {
        let now = 1_700_000_000_000_000;
        let code = |query: &str| check_time(&Params::form(query, "").expect("good"), now).map_err(|fault| fault.code);
        assert_eq!(code("timestamp=1700000000000"), Ok(()));
        assert_eq!(code("timestamp=1700000000999"), Ok(()));
        assert_eq!(code("timestamp=1700000001000"), Err(-1021), "a second ahead");
        assert_eq!(code("timestamp=1699999995000"), Ok(()));
        assert_eq!(code("timestamp=1699999994999"), Err(-1021), "5,001 ms old");
        assert_eq!(code("timestamp=1699999994999&recvWindow=60000"), Ok(()));
        assert_eq!(code("timestamp=1700000000000&recvWindow=60001"), Err(-1131));
        assert_eq!(code("timestamp=1699999999999&recvWindow=0.5"), Err(-1021));
        assert_eq!(code("timestamp=1700000000000&recvWindow=0.0005"), Err(-1111));
        assert_eq!(code("recvWindow=5000"), Err(-1102));
        assert_eq!(code("timestamp=now"), Err(-1100));
    }

    #[test]
    fn a_key_is_known_by_its_whole_name() {
        let mut keys = Keys::default();
        let setting = KeySetting { key: "abc".to_owned(), account: "a".to_owned(), secret: Some("s".to_owned()), public: None };
        assert_eq!(keys.add(&setting, 5), Ok(()));
        assert_eq!(keys.find(Some("abc")).map(|key| key.account).map_err(|fault| fault.code), Ok(5));
        let code = |key| keys.find(key).map(|_| ()).map_err(|fault| (fault.status, fault.code));
        assert_eq!([code(None), code(Some("a b")), code(Some("abcd"))], [Err((401, -2014)), Err((401, -2014)), Err((401, -2015))]);
        assert!(Keys::default().add(&KeySetting { secret: None, ..setting }, 5).is_err());
    }
}
