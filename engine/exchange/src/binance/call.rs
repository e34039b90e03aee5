//! What can be asked: one table of REST paths, WebSocket API methods, security and weights (Binance Spot, "General endpoints" … "Account
//! endpoints", 2026-09). A call of the WebSocket API is the REST call of the same row.

use super::params::Params;
use super::wallet;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody.
    Nothing,
    /// Who has a key.
    Key,
    /// Who has a key and signs.
    Signed,
}

macro_rules! calls {
    ($($name:ident $method:literal $path:literal $word:literal $need:ident $weight:literal $orders:literal;)*) => {
        /// A call.
        #[allow(missing_docs, reason = "the names are those of the venue's paths")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Call {
            $($name,)*
            /// A place of which a spot account has nothing (`wallet`); it stands in no row here.
            Elsewhere,
        }

        /// Every call.
        pub const CALLS: &[Row] = &[$(Row {
            call: Call::$name, method: $method, path: $path, word: $word, need: Need::$need, weight: $weight, orders: $orders,
        },)*];
    };
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The call.
    pub call: Call,
    /// HTTP method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// Method of the WebSocket API; empty: it has none.
    pub word: &'static str,
    /// Who may ask.
    pub need: Need,
    /// Weight, where no parameter changes it.
    pub weight: u32,
    /// Orders it counts as.
    pub orders: u32,
}

calls! {
    Ping "GET" "/api/v3/ping" "ping" Nothing 1 0;
    Time "GET" "/api/v3/time" "time" Nothing 1 0;
    ExchangeInfo "GET" "/api/v3/exchangeInfo" "exchangeInfo" Nothing 20 0;
    ExecutionRules "GET" "/api/v3/executionRules" "executionRules" Nothing 2 0;
    Depth "GET" "/api/v3/depth" "depth" Nothing 5 0;
    Trades "GET" "/api/v3/trades" "trades.recent" Nothing 25 0;
    HistoricalTrades "GET" "/api/v3/historicalTrades" "trades.historical" Nothing 25 0;
    AggTrades "GET" "/api/v3/aggTrades" "trades.aggregate" Nothing 4 0;
    Klines "GET" "/api/v3/klines" "klines" Nothing 2 0;
    UiKlines "GET" "/api/v3/uiKlines" "uiKlines" Nothing 2 0;
    AvgPrice "GET" "/api/v3/avgPrice" "avgPrice" Nothing 2 0;
    ReferencePrice "GET" "/api/v3/referencePrice" "referencePrice" Nothing 2 0;
    Ticker24 "GET" "/api/v3/ticker/24hr" "ticker.24hr" Nothing 2 0;
    TickerDay "GET" "/api/v3/ticker/tradingDay" "ticker.tradingDay" Nothing 4 0;
    TickerPrice "GET" "/api/v3/ticker/price" "ticker.price" Nothing 2 0;
    TickerBook "GET" "/api/v3/ticker/bookTicker" "ticker.book" Nothing 2 0;
    TickerWindow "GET" "/api/v3/ticker" "ticker" Nothing 4 0;
    OrderPlace "POST" "/api/v3/order" "order.place" Signed 1 1;
    OrderTest "POST" "/api/v3/order/test" "order.test" Signed 1 0;
    OrderGet "GET" "/api/v3/order" "order.status" Signed 4 0;
    OrderCancel "DELETE" "/api/v3/order" "order.cancel" Signed 1 0;
    OrderReplace "POST" "/api/v3/order/cancelReplace" "order.cancelReplace" Signed 1 1;
    OrderAmend "PUT" "/api/v3/order/amend/keepPriority" "order.amend.keepPriority" Signed 4 0;
    OpenOrders "GET" "/api/v3/openOrders" "openOrders.status" Signed 6 0;
    CancelAll "DELETE" "/api/v3/openOrders" "openOrders.cancelAll" Signed 1 0;
    AllOrders "GET" "/api/v3/allOrders" "allOrders" Signed 20 0;
    Oco "POST" "/api/v3/orderList/oco" "orderList.place.oco" Signed 1 2;
    OldOco "POST" "/api/v3/order/oco" "orderList.place" Signed 1 2;
    Oto "POST" "/api/v3/orderList/oto" "orderList.place.oto" Signed 1 2;
    Otoco "POST" "/api/v3/orderList/otoco" "orderList.place.otoco" Signed 1 3;
    Opo "POST" "/api/v3/orderList/opo" "orderList.place.opo" Signed 1 2;
    Opoco "POST" "/api/v3/orderList/opoco" "orderList.place.opoco" Signed 1 3;
    ListGet "GET" "/api/v3/orderList" "orderList.status" Signed 4 0;
    ListCancel "DELETE" "/api/v3/orderList" "orderList.cancel" Signed 1 0;
    AllLists "GET" "/api/v3/allOrderList" "allOrderLists" Signed 20 0;
    OpenLists "GET" "/api/v3/openOrderList" "openOrderLists.status" Signed 6 0;
    SorOrder "POST" "/api/v3/sor/order" "sor.order.place" Signed 1 1;
    SorTest "POST" "/api/v3/sor/order/test" "sor.order.test" Signed 1 0;
    Account "GET" "/api/v3/account" "account.status" Signed 20 0;
    MyTrades "GET" "/api/v3/myTrades" "myTrades" Signed 20 0;
    OrderLimits "GET" "/api/v3/rateLimit/order" "account.rateLimits.orders" Signed 40 0;
    Commission "GET" "/api/v3/account/commission" "account.commission" Signed 20 0;
    Prevented "GET" "/api/v3/myPreventedMatches" "myPreventedMatches" Signed 2 0;
    Allocations "GET" "/api/v3/myAllocations" "myAllocations" Signed 20 0;
    Amendments "GET" "/api/v3/order/amendments" "order.amendments" Signed 4 0;
    MyFilters "GET" "/api/v3/myFilters" "myFilters" Signed 40 0;
    Currencies "GET" "/sapi/v1/capital/config/getall" "" Signed 10 0;
    MarginPairs "GET" "/sapi/v1/margin/allPairs" "" Key 1 0;
    IsolatedPairs "GET" "/sapi/v1/margin/isolated/allPairs" "" Key 10 0;
    Delistings "GET" "/sapi/v1/spot/delist-schedule" "" Key 100 0;
    TradeFees "GET" "/sapi/v1/asset/tradeFee" "" Signed 1 0;
    Deposits "GET" "/sapi/v1/capital/deposit/hisrec" "" Signed 1 0;
    Withdrawals "GET" "/sapi/v1/capital/withdraw/history" "" Signed 1 0;
    SystemStatus "GET" "/sapi/v1/system/status" "" Nothing 1 0;
    LinearInfo "GET" "/fapi/v1/exchangeInfo" "" Nothing 1 0;
    InverseInfo "GET" "/dapi/v1/exchangeInfo" "" Nothing 1 0;
}

impl Row {
    /// Returns the row of a REST request; the method where only that is wrong is none too.
    #[must_use]
    pub fn of_path(method: &str, path: &str) -> Option<&'static Self> {
        let row = CALLS.iter().find(|row| row.path == path && row.method == method);
        row.or_else(|| wallet::find(method, path).map(|place| &place.row))
    }

    /// Returns the row of a method of the WebSocket API.
    #[must_use]
    pub fn of_word(word: &str) -> Option<&'static Self> {
        CALLS.iter().find(|row| row.word == word && !word.is_empty())
    }

    /// Tells whether a path is known with any method.
    #[must_use]
    pub fn is_path(path: &str) -> bool {
        CALLS.iter().chain(wallet::PLACES.iter().map(|place| &place.row)).any(|row| row.path == path)
    }

    /// Returns the weight with the parameters of the request.
    #[must_use]
    pub fn weight(&self, params: &Params<'_>) -> u32 {
        let given = |name| params.has(name);
        let listed = || params.list("symbols").ok().flatten().map_or(0, |symbols| symbols.len() as u32);
        match self.call {
            Call::Depth => match params.number("limit").ok().flatten().unwrap_or(100) {
                ..=100 => 5,
                101..=500 => 25,
                501..=1000 => 50,
                _ => 250,
            },
            Call::Ticker24 if given("symbol") => 2,
            Call::Ticker24 if given("symbols") => match listed() {
                0..=20 => 2,
                21..=100 => 40,
                _ => 80,
            },
            Call::Ticker24 => 80,
            Call::TickerPrice | Call::TickerBook if !given("symbol") => 4,
            Call::TickerDay | Call::TickerWindow if given("symbols") => (4 * listed()).clamp(4, 200),
            Call::OpenOrders if !given("symbol") => 80,
            Call::MyTrades if given("orderId") => 5,
            Call::OrderTest if given("computeCommissionRates") => 20,
            _ => self.weight,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_both_names() {
        let row = Row::of_path("DELETE", "/api/v3/order").expect("known");
        assert_eq!((row.call, Row::of_word("order.cancel").map(|row| row.call)), (Call::OrderCancel, Some(Call::OrderCancel)));
        assert!(Row::of_path("PATCH", "/api/v3/order").is_none() && Row::is_path("/api/v3/order") && Row::of_word("").is_none());
    }

    /// Binance Spot, "Market data endpoints" and "Account endpoints": the tables of weights.
    #[test]
    fn weights_follow_the_parameters() {
        let weight = |method: &str, path: &str, query: &str| {
            Row::of_path(method, path).expect("known").weight(&Params::form(query, "").expect("good"))
        };
        let depth = |limit: &str| {
            let query = format!("limit={limit}");
            weight("GET", "/api/v3/depth", &query)
        };
        assert_eq!([depth("100"), depth("101"), depth("501"), depth("1001"), depth("x")], [5, 25, 50, 250, 5]);
        assert_eq!(weight("GET", "/api/v3/openOrders", "symbol=A"), 6);
        assert_eq!(weight("GET", "/api/v3/openOrders", ""), 80);
        assert_eq!(weight("GET", "/api/v3/ticker/24hr", ""), 80);
        assert_eq!(weight("GET", "/api/v3/ticker/24hr", "symbols=[\"A\"]"), 2);
        assert_eq!(weight("GET", "/api/v3/myTrades", "orderId=1"), 5);
    }
}
