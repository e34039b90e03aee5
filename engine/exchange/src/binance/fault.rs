//! What Binance answers where it does not do what was asked: HTTP status, code, text (Binance Spot, "Error codes", 2026-09).

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// HTTP status, also the status of a WebSocket API answer.
    pub status: u16,
    /// Code.
    pub code: i32,
    /// Text.
    pub text: String,
    /// Seconds to wait, where a limit was met.
    pub retry_after: Option<i64>,
    /// Members of `data`, where a half of the request was done.
    pub data: Option<Vec<u8>>,
}

/// Legal range of symbols.
pub const SYMBOL_RANGE: &str = r"^[\w\-._&&[^a-z]]{1,50}$";
/// Legal range of decimals.
pub const DECIMAL_RANGE: &str = r"^([0-9]{1,20})(\.[0-9]{1,20})?$";
/// Legal range of whole numbers.
pub const NUMBER_RANGE: &str = "^[0-9]{1,20}$";
/// Legal range of client order ids.
pub const CLIENT_RANGE: &str = "^[a-zA-Z0-9-_]{1,36}$";

impl Fault {
    /// Returns a fault with status 400.
    #[must_use]
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self { status: 400, code, text: text.into(), retry_after: None, data: None }
    }

    /// Returns a fault with a status.
    #[must_use]
    pub fn with(status: u16, code: i32, text: impl Into<String>) -> Self {
        Self { status, ..Self::new(code, text) }
    }

    /// −1100: characters that the parameter may not have.
    #[must_use]
    pub fn illegal(name: &str, range: &str) -> Self {
        Self::new(-1100, format!("Illegal characters found in parameter '{name}'; legal range is '{range}'."))
    }

    /// −1102: a parameter that must be there.
    #[must_use]
    pub fn missing(name: &str) -> Self {
        Self::new(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    /// −1105: a parameter without a value.
    #[must_use]
    pub fn empty(name: &str) -> Self {
        Self::new(-1105, format!("Parameter '{name}' was empty."))
    }

    /// −1106: a parameter that may not be there.
    #[must_use]
    pub fn unneeded(name: &str) -> Self {
        Self::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    /// −1130: a value that the parameter does not know.
    #[must_use]
    pub fn invalid(name: &str) -> Self {
        Self::new(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }

    /// −1121.
    #[must_use]
    pub fn symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }

    /// −1020: what the venue does not do.
    #[must_use]
    pub fn unsupported() -> Self {
        Self::new(-1020, "This operation is not supported.")
    }
}
