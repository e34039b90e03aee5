//! Names of market streams: `btcusdt@depth@100ms`, `!ticker@arr`, … (Binance Spot, "WebSocket streams").

use crate::Symbol;
use crate::feed::{INTERVALS, Interval, Speed};

/// What a stream tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// `trade`.
    Trade,
    /// `aggTrade`.
    Aggregate,
    /// `bookTicker`.
    Top,
    /// `depth`, every 100 ms or, slow, every second.
    Diff(bool),
    /// `depth5`, `depth10`, `depth20`, fast or not.
    Partial(u8, bool),
    /// `kline_<interval>`, by its place.
    Bar(u8),
    /// `ticker`.
    Ticker,
    /// `miniTicker`.
    Mini,
    /// `ticker_1h`, `ticker_4h`, `ticker_1d`: hours.
    Window(u8),
    /// `avgPrice`.
    Average,
}

/// A stream: its topic and the symbol; none for the streams of all symbols (`!…@arr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stream {
    /// What it tells.
    pub topic: Topic,
    /// Of which symbol.
    pub symbol: Option<Symbol>,
}

impl Topic {
    fn find(name: &str) -> Option<Self> {
        let fast = |name: &str| match name {
            "" | "@1000ms" => Some(false),
            "@100ms" => Some(true),
            _ => None,
        };
        match name {
            "trade" => Some(Self::Trade),
            "aggTrade" => Some(Self::Aggregate),
            "bookTicker" => Some(Self::Top),
            "ticker" => Some(Self::Ticker),
            "miniTicker" => Some(Self::Mini),
            "avgPrice" => Some(Self::Average),
            _ => {
                if let Some(interval) = name.strip_prefix("kline_") {
                    return Interval::find(interval).map(|place| Self::Bar(place as u8));
                }
                if let Some(window) = name.strip_prefix("ticker_") {
                    return hours(window).map(Self::Window);
                }
                let rest = name.strip_prefix("depth")?;
                for levels in [5, 10, 20_u8] {
                    if let Some(speed) = rest.strip_prefix(levels.to_string().as_str()).and_then(fast) {
                        return Some(Self::Partial(levels, speed));
                    }
                }
                fast(rest).map(Self::Diff)
            }
        }
    }
}

fn hours(window: &str) -> Option<u8> {
    match window {
        "1h" => Some(1),
        "4h" => Some(4),
        "1d" => Some(24),
        _ => None,
    }
}

/// Returns the name of a window in hours.
#[must_use]
pub fn window_name(hours: u8) -> &'static str {
    match hours {
        1 => "1h",
        4 => "4h",
        _ => "1d",
    }
}

impl Stream {
    /// Returns the stream of a name; `find` knows symbols by their names in capitals.
    #[must_use]
    pub fn find(name: &str, find: impl Fn(&str) -> Option<Symbol>) -> Option<Self> {
        if let Some(all) = name.strip_prefix('!') {
            let topic = match all {
                "ticker@arr" => Topic::Ticker,
                "miniTicker@arr" => Topic::Mini,
                "bookTicker" => Topic::Top,
                _ => Topic::Window(hours(all.strip_prefix("ticker_")?.strip_suffix("@arr")?)?),
            };
            return Some(Self { topic, symbol: None });
        }
        let (symbol, topic) = name.split_once('@')?;
        if symbol.len() > 50 {
            return None;
        }
        Some(Self { topic: Topic::find(topic)?, symbol: Some(find(&symbol.to_ascii_uppercase())?) })
    }

    /// Returns whether it is told every 100 ms, every second or every two seconds; none: at once.
    #[must_use]
    pub fn every_ms(&self) -> Option<u32> {
        match self.topic {
            Topic::Trade | Topic::Aggregate | Topic::Top => None,
            Topic::Diff(true) | Topic::Partial(_, true) => Some(100),
            Topic::Bar(place) if INTERVALS[usize::from(place)].0 != "1s" => Some(2000),
            _ => Some(1000),
        }
    }
}

/// Returns the speed of a stream of differences.
#[must_use]
pub fn speed(is_fast: bool) -> Speed {
    if is_fast { Speed::Fast } else { Speed::Slow }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_venues() {
        let find = |name: &str| Stream::find(name, |name| (name == "BTCUSDT").then_some(3));
        let of = |topic| Some(Stream { topic, symbol: Some(3) });
        assert_eq!(find("btcusdt@trade"), of(Topic::Trade));
        assert_eq!(find("btcusdt@depth@100ms"), of(Topic::Diff(true)));
        assert_eq!(find("btcusdt@depth"), of(Topic::Diff(false)));
        assert_eq!(find("btcusdt@depth20"), of(Topic::Partial(20, false)));
        assert_eq!(find("btcusdt@depth5@100ms"), of(Topic::Partial(5, true)));
        assert_eq!(find("btcusdt@kline_1h").and_then(|stream| stream.every_ms()), Some(2000));
        assert_eq!(find("btcusdt@kline_1s").and_then(|stream| stream.every_ms()), Some(1000));
        assert_eq!(find("btcusdt@ticker_4h"), of(Topic::Window(4)));
        assert_eq!(find("!miniTicker@arr"), Some(Stream { topic: Topic::Mini, symbol: None }));
        assert_eq!(find("!ticker_1h@arr"), Some(Stream { topic: Topic::Window(1), symbol: None }));
        for unknown in
            ["", "@", "!", "btcusdt", "btcusdt@", "ethusdt@trade", "btcusdt@depth7", "btcusdt@depth@10ms", "btcusdt@kline_2s", "!x@arr"]
        {
            assert_eq!(find(unknown), None, "{unknown}");
        }
    }
}
