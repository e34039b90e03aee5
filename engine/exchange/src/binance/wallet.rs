//! What clients ask under `/sapi/v1` of which a spot account has nothing, and what they are told: an empty list where Binance tells one, else
//! the refusal of a key that may read and trade spot, and of an account without margin (Binance, "Wallet", "Margin", "Convert"; refusals as
//! clients report them: −1002 with status 401 for what a key may not do, −3003 and −11001 for what reads a margin account, 2026-11).

use super::call::{Call, Need, Row};
use super::fault::Fault;

/// What a place answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// This JSON.
    Json(&'static str),
    /// −1002: the key may not.
    NotPermitted,
    /// −3003: there is no margin account.
    NoMargin,
    /// −11001: there is no isolated margin account.
    NoIsolated,
}

/// A place and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its row; the call is `Call::Elsewhere`.
    pub row: Row,
    /// What it answers.
    pub said: Said,
}

const fn place(method: &'static str, path: &'static str, need: Need, said: Said) -> Place {
    Place { row: Row { call: Call::Elsewhere, method, path, word: "", need, weight: 1, orders: 0 }, said }
}

const fn signed(method: &'static str, path: &'static str, said: Said) -> Place {
    place(method, path, Need::Signed, said)
}

const NONE: Said = Said::Json(r#"{"total":0,"rows":[]}"#);
const DONE: Said = Said::Json(r#"{"code":"000000","message":"success","data":[],"total":0,"success":true}"#);

/// Every place.
pub static PLACES: [Place; 47] = [
    signed("GET", "/sapi/v1/asset/transfer", NONE),
    signed("POST", "/sapi/v1/asset/transfer", Said::NotPermitted),
    signed("POST", "/sapi/v1/futures/transfer", Said::NotPermitted),
    signed("GET", "/sapi/v1/asset/dribblet", Said::Json(r#"{"total":0,"userAssetDribblets":[]}"#)),
    signed("POST", "/sapi/v1/asset/get-funding-asset", Said::Json("[]")),
    signed("GET", "/sapi/v1/asset/convert-transfer/queryByPage", NONE),
    signed("POST", "/sapi/v1/asset/convert-transfer", Said::NotPermitted),
    signed("GET", "/sapi/v1/capital/deposit/address", Said::NotPermitted),
    signed("POST", "/sapi/v1/capital/withdraw/apply", Said::NotPermitted),
    signed("GET", "/sapi/v1/fiat/orders", DONE),
    signed("GET", "/sapi/v1/pay/transactions", DONE),
    signed(
        "GET",
        "/sapi/v1/lending/union/account",
        Said::Json(
            r#"{"positionAmountVos":[],"totalAmountInBTC":"0.00000000","totalAmountInUSDT":"0.00000000","totalFixedAmountInBTC":"0.00000000","totalFixedAmountInUSDT":"0.00000000","totalFlexibleInBTC":"0.00000000","totalFlexibleInUSDT":"0.00000000"}"#,
        ),
    ),
    signed("GET", "/sapi/v1/convert/assetInfo", Said::Json("[]")),
    signed("GET", "/sapi/v1/convert/tradeFlow", Said::Json(r#"{"list":[],"limit":100,"moreData":false}"#)),
    signed("GET", "/sapi/v1/convert/orderStatus", Said::NotPermitted),
    signed("POST", "/sapi/v1/convert/getQuote", Said::NotPermitted),
    signed("POST", "/sapi/v1/convert/acceptQuote", Said::NotPermitted),
    signed("GET", "/sapi/v1/giftcard/verify", Said::NotPermitted),
    signed("POST", "/sapi/v1/giftcard/createCode", Said::NotPermitted),
    signed("POST", "/sapi/v1/giftcard/redeemCode", Said::NotPermitted),
    signed("GET", "/sapi/v1/margin/account", Said::NoMargin),
    signed("GET", "/sapi/v1/margin/order", Said::NoMargin),
    signed("GET", "/sapi/v1/margin/openOrders", Said::NoMargin),
    signed("GET", "/sapi/v1/margin/allOrders", Said::NoMargin),
    signed("GET", "/sapi/v1/margin/myTrades", Said::NoMargin),
    signed("GET", "/sapi/v1/margin/isolated/account", Said::NoIsolated),
    signed("GET", "/sapi/v1/margin/interestHistory", NONE),
    signed("GET", "/sapi/v1/margin/forceLiquidationRec", NONE),
    signed("GET", "/sapi/v1/margin/interestRateHistory", Said::Json("[]")),
    signed("GET", "/sapi/v1/margin/isolatedMarginData", Said::Json("[]")),
    signed("POST", "/sapi/v1/margin/order", Said::NotPermitted),
    signed("DELETE", "/sapi/v1/margin/order", Said::NotPermitted),
    signed("DELETE", "/sapi/v1/margin/openOrders", Said::NotPermitted),
    signed("POST", "/sapi/v1/margin/borrow-repay", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/market/exchangeInfo", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/market/quote", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/order/detail", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/order/history", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/order/open-orders", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/trade/history", Said::NotPermitted),
    signed("POST", "/sapi/v1/equity/order/place", Said::NotPermitted),
    signed("POST", "/sapi/v1/equity/order/cancel", Said::NotPermitted),
    signed("POST", "/sapi/v1/equity/order/cancel-all", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/tokenized/convert-status", Said::NotPermitted),
    signed("GET", "/sapi/v1/equity/tokenized/history", Said::NotPermitted),
    signed("POST", "/sapi/v1/equity/tokenized/redeem", Said::NotPermitted),
    place("GET", "/sapi/v1/margin/allAssets", Need::Key, Said::Json("[]")),
];

/// Returns the place of a REST request.
#[must_use]
pub fn find(method: &str, path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.row.path == path && place.row.method == method)
}

impl Said {
    /// Returns the JSON it answers.
    ///
    /// # Errors
    /// Its refusal.
    pub fn answer(self) -> Result<&'static str, Fault> {
        match self {
            Self::Json(text) => Ok(text),
            Self::NotPermitted => Err(Fault::with(401, -1002, "You are not authorized to execute this request.")),
            Self::NoMargin => Err(Fault::new(-3003, "Margin account does not exist.")),
            Self::NoIsolated => Err(Fault::new(-11001, "Isolated margin account does not exist.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stands_once_and_its_json_is_json() {
        for (at, one) in PLACES.iter().enumerate() {
            let twice = PLACES[at + 1..].iter().any(|other| (other.row.method, other.row.path) == (one.row.method, one.row.path));
            assert!(!twice && one.row.path.starts_with("/sapi/v1/") && one.row.call == Call::Elsewhere, "{}", one.row.path);
            if let Said::Json(text) = one.said {
                assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            }
        }
        assert_eq!(find("POST", "/sapi/v1/margin/borrow-repay").map(|place| place.said), Some(Said::NotPermitted));
        assert!(find("GET", "/sapi/v1/margin/borrow-repay").is_none());
    }

    #[test]
    fn a_refusal_has_its_code() {
        let code = |said: Said| said.answer().map_err(|fault| (fault.status, fault.code));
        assert_eq!(
            [code(Said::NotPermitted), code(Said::NoMargin), code(Said::NoIsolated)],
            [Err((401, -1002)), Err((400, -3003)), Err((400, -11001))]
        );
        assert_eq!(code(NONE), Ok(r#"{"total":0,"rows":[]}"#));
    }
}
