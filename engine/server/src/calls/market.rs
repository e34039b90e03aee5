//! Market data calls (Binance Spot, "Market data endpoints").

use super::Ask;
use crate::hall::Hall;
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::public;
use bot4_exchange::feed::{INTERVALS, Interval, Market, Window};
use bot4_exchange::profile::Profile;
use bot4_exchange::{Micros, Symbol};

const MINUTE: Micros = 60_000_000;
const DAY_MINUTES: i64 = 1440;

impl Hall {
    pub(super) fn market(&mut self, ask: &Ask<'_>, profile: &Profile, json: &mut Json<'_>) -> Result<(), Fault> {
        match ask.row.call {
            Call::Ticker24 | Call::TickerDay | Call::TickerPrice | Call::TickerBook | Call::TickerWindow => {
                return self.tickers(ask, profile, json);
            }
            _ => {}
        }
        let symbol = ask.symbol(profile)?;
        if ask.row.call == Call::Depth {
            let limit = ask.params.limit(100, 5000)?;
            ask.params.finish()?;
            let age = self.faults.snapshot_age(ask.now);
            let market = self.floor.feed.market(symbol);
            if age == 0 {
                public::depth(json, market, limit);
            } else {
                public::old_depth(json, market, limit, ask.now - age);
            }
            return Ok(());
        }
        let market = self.floor.feed.market(symbol);
        match ask.row.call {
            Call::Trades | Call::HistoricalTrades => return trades(ask, market, json),
            Call::AggTrades => return aggregates(ask, market, json),
            Call::Klines | Call::UiKlines => return bars(ask, market, json),
            Call::AvgPrice => {
                ask.params.finish()?;
                public::average(json, market, ask.now);
            }
            Call::ReferencePrice => {
                ask.params.finish()?;
                let price = self.floor.exchange.reference_price(symbol, ask.now);
                let price = price.ok_or_else(|| Fault::new(-2043, "This symbol doesn't have a reference price."))?;
                json.object().key("symbol").text(&profile.symbols[usize::from(symbol)].symbol).key("referencePrice").amount(price);
                json.key("timestamp").time(ask.now).end();
            }
            _ => return Err(Fault::unsupported()),
        }
        Ok(())
    }

    /// Answers the tickers: of one symbol an object, else an array.
    fn tickers(&self, ask: &Ask<'_>, profile: &Profile, json: &mut Json<'_>) -> Result<(), Fault> {
        let wanted = self.wanted(ask, profile)?;
        let is_one = ask.params.has("symbol");
        let must = matches!(ask.row.call, Call::TickerDay | Call::TickerWindow);
        if must && wanted.is_none() {
            return Err(Fault::new(-1128, "Either symbol or symbols must be provided."));
        }
        if wanted.as_ref().is_some_and(|list| must && list.len() > 100) {
            return Err(Fault::new(-1101, "Too many values sent for parameter 'symbols', maximum allowed up to 100."));
        }
        let has_form = !matches!(ask.row.call, Call::TickerPrice | Call::TickerBook);
        let is_mini = match if has_form { ask.params.text("type")? } else { None } {
            None | Some("FULL") => false,
            Some("MINI") => true,
            Some(_) => return Err(Fault::invalid("type")),
        };
        let begin = self.window(ask)?;
        ask.params.text("symbolStatus")?;
        ask.params.finish()?;
        let all: Vec<Symbol> = wanted.unwrap_or_else(|| (0..profile.symbols.len() as Symbol).collect());
        if !is_one {
            json.array();
        }
        for symbol in all {
            let (name, market) = (&profile.symbols[usize::from(symbol)].symbol, self.floor.feed.market(symbol));
            match ask.row.call {
                Call::TickerPrice => public::price(json, name, market),
                Call::TickerBook => public::top(json, name, &market.ladder.top()),
                call => {
                    let window = Window::since(market, begin);
                    if is_mini {
                        public::mini(json, name, &window, ask.now);
                    } else {
                        public::ticker(json, name, market, &window, ask.now, call == Call::Ticker24);
                    }
                }
            }
        }
        if !is_one {
            json.close();
        }
        Ok(())
    }

    /// Returns when the window of a ticker begins.
    fn window(&self, ask: &Ask<'_>) -> Result<Micros, Fault> {
        let floor = |at: Micros| at - at.rem_euclid(MINUTE);
        let minutes = match ask.row.call {
            Call::TickerDay => {
                let offset = ask.params.text("timeZone")?.map_or(Ok(0), zone)?;
                let local = ask.now + offset;
                return Ok(local - local.rem_euclid(DAY_MINUTES * MINUTE) - offset);
            }
            Call::TickerWindow => match ask.params.text("windowSize")? {
                None => DAY_MINUTES,
                Some(size) => {
                    let invalid = || Fault::invalid("windowSize");
                    let (number, unit) = size.split_at_checked(size.len().wrapping_sub(1)).ok_or_else(invalid)?;
                    let (factor, most) = match unit {
                        "m" => (1, 59),
                        "h" => (60, 23),
                        "d" => (DAY_MINUTES, 7),
                        _ => return Err(invalid()),
                    };
                    let number = number.parse::<i64>().ok().filter(|number| (1..=most).contains(number)).ok_or_else(invalid)?;
                    number * factor
                }
            },
            _ => DAY_MINUTES,
        };
        Ok(floor(ask.now - minutes * MINUTE + MINUTE - 1))
    }
}

/// Returns the offset of a time zone: `8`, `-1:00`, `05:45`, within −12:00 … +14:00.
fn zone(text: &str) -> Result<Micros, Fault> {
    let invalid = || Fault::invalid("timeZone");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let read = |text: &str| text.parse::<i64>().ok().filter(|number| (0..60).contains(number));
    let offset = sign * (read(hours).ok_or_else(invalid)? * 60 + read(minutes).ok_or_else(invalid)?);
    if (-720..=840).contains(&offset) { Ok(offset * MINUTE) } else { Err(invalid()) }
}

fn trades(ask: &Ask<'_>, market: &Market, json: &mut Json<'_>) -> Result<(), Fault> {
    let limit = ask.params.limit(500, 1000)?;
    let first = if ask.row.call == Call::HistoricalTrades { ask.params.number("fromId")? } else { None };
    ask.params.finish()?;
    let kept = market.tape.trades();
    let from = match first {
        Some(first) => kept.partition_point(|trade| trade.id < first as u64),
        None => kept.len().saturating_sub(limit),
    };
    json.array();
    kept.iter().skip(from).take(limit).for_each(|trade| public::trade(json, trade));
    json.close();
    Ok(())
}

fn aggregates(ask: &Ask<'_>, market: &Market, json: &mut Json<'_>) -> Result<(), Fault> {
    let (first, limit) = (ask.params.number("fromId")?, ask.params.limit(500, 1000)?);
    let (from, to) = (ask.params.time("startTime")?, ask.params.time("endTime")?.map(|to| to.saturating_add(999)));
    ask.params.finish()?;
    let kept = market.tape.aggregates();
    let end = to.map_or(kept.len(), |to| kept.partition_point(|whole| whole.at <= to));
    let begin = match (first, from) {
        (Some(first), _) => kept.partition_point(|whole| whole.id < first as u64),
        (None, Some(from)) => kept.partition_point(|whole| whole.at < from),
        (None, None) => end.saturating_sub(limit),
    };
    json.array();
    kept.iter().take(end).skip(begin).take(limit).for_each(|whole| public::aggregate(json, whole));
    json.close();
    Ok(())
}

fn bars(ask: &Ask<'_>, market: &Market, json: &mut Json<'_>) -> Result<(), Fault> {
    let place = Interval::find(ask.params.must("interval")?).ok_or_else(|| Fault::new(-1120, "Invalid interval."))?;
    let (from, to, limit) = (ask.params.time("startTime")?, ask.params.time("endTime")?, ask.params.limit(500, 1000)?);
    let offset = ask.params.text("timeZone")?.map_or(Ok(0), zone)?;
    ask.params.finish()?;
    json.array();
    let interval = INTERVALS[place].1;
    let listed = market.bars.list_in(place, offset, from, to, ask.now, limit);
    listed.iter().for_each(|bar| public::bar(json, bar, interval.next_in(offset, bar.begin)));
    json.close();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_read_as_the_venue_reads_them() {
        let hour = 60 * MINUTE;
        assert_eq!([zone("0"), zone("8"), zone("-1:00"), zone("05:45")], [Ok(0), Ok(8 * hour), Ok(-hour), Ok(5 * hour + 45 * MINUTE)]);
        for wrong in ["", "15", "-12:01", "x", "1:99", "--1", "+-3"] {
            assert!(zone(wrong).is_err(), "{wrong}");
        }
    }
}
