//! Settings of breakers as the host gives them: plain numbers, every source optional. Rules: docs/semantics.md, section 12.
use super::{Kind, Trip};
use crate::money::E9;
use serde::{Deserialize, Serialize};

/// How the breakers of one kind of component trip, wait and try again; a source that is left out never trips.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Rolling window of outcomes and of losses, ms.
    pub window_ms: i64,
    /// Fewest outcomes in the window that an error rate is made of.
    pub min_calls: i64,
    /// Share of bad outcomes in the window that trips, billionths.
    pub error_rate_e9: Option<i64>,
    /// Bad outcomes in a row that trip.
    pub failures: Option<i64>,
    /// Bad outcomes in the window that trip: a storm.
    pub storm: Option<i64>,
    /// From tripping to the first trial, ms.
    pub cooldown_ms: i64,
    /// Good outcomes that close it again, and the most orders that may try.
    pub trials: i64,
    /// Loss over the window, billionths (account).
    pub loss_e9: Option<i64>,
    /// Loss from the peak, billionths (account).
    pub drawdown_e9: Option<i64>,
    /// Difference between the position here and at the venue, lots (account).
    pub position_drift: Option<i64>,
    /// Age of the newest data, ms (feed).
    pub stale_ms: Option<i64>,
    /// Difference between the venue's clock and ours, ms (feed).
    pub clock_skew_ms: Option<i64>,
    /// What a fill cost over what the model says, billionths (symbol).
    pub slippage_e9: Option<i64>,
    /// Spread over its normal size, billionths (symbol).
    pub spread_e9: Option<i64>,
    /// Difference of a price from its reference, billionths (symbol).
    pub price_gap_e9: Option<i64>,
    /// From sending to the venue's answer, ns (venue).
    pub latency_ns: Option<i64>,
}

impl Rules {
    /// Returns the limit of a measured source.
    pub(super) fn limit(&self, trip: Trip) -> Option<i64> {
        match trip {
            Trip::Loss => self.loss_e9,
            Trip::Drawdown => self.drawdown_e9,
            Trip::PositionDrift => self.position_drift,
            Trip::StaleFeed => self.stale_ms,
            Trip::ClockSkew => self.clock_skew_ms,
            Trip::Slippage => self.slippage_e9,
            Trip::Spread => self.spread_e9,
            Trip::PriceGap => self.price_gap_e9,
            Trip::Latency => self.latency_ns,
            _ => None,
        }
    }

    /// Returns whether nothing trips later or closes earlier than under `other`; windows are the same.
    fn is_as_tight(&self, other: &Self) -> bool {
        let tighter = |ours: Option<i64>, theirs: Option<i64>| theirs.is_none_or(|theirs| ours.is_some_and(|ours| ours <= theirs));
        let measured = Trip::MEASURED.iter().all(|&trip| tighter(self.limit(trip), other.limit(trip)));
        let counted = tighter(self.error_rate_e9, other.error_rate_e9)
            && tighter(self.failures, other.failures)
            && tighter(self.storm, other.storm)
            && self.min_calls <= other.min_calls;
        measured && counted && self.window_ms == other.window_ms && self.cooldown_ms >= other.cooldown_ms && self.trials == other.trials
    }

    fn validate(&self, kind: Kind) -> Result<(), String> {
        let most = i64::MAX / 4;
        let given = [
            ("window_ms", Some(self.window_ms), most),
            ("min_calls", Some(self.min_calls), most),
            ("error_rate_e9", self.error_rate_e9, E9),
            ("failures", self.failures, most),
            ("storm", self.storm, most),
            ("cooldown_ms", Some(self.cooldown_ms), most),
            ("trials", Some(self.trials), most),
            ("loss_e9", self.loss_e9, E9),
            ("drawdown_e9", self.drawdown_e9, E9),
            ("position_drift", self.position_drift, most),
            ("stale_ms", self.stale_ms, most),
            ("clock_skew_ms", self.clock_skew_ms, most),
            ("slippage_e9", self.slippage_e9, most),
            ("spread_e9", self.spread_e9, most),
            ("price_gap_e9", self.price_gap_e9, most),
            ("latency_ns", self.latency_ns, most),
        ];
        for (name, value, most) in given {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                return Err(format!("breakers.{}.{name} is {value}; it must lie between 1 and {most}", kind.text()));
            }
        }
        let foreign = Trip::MEASURED.iter().find(|trip| self.limit(**trip).is_some() && !kind.measures().contains(trip));
        match foreign {
            Some(trip) => Err(format!("breakers.{} has no source {}", kind.text(), trip.text())),
            None => Ok(()),
        }
    }
}

/// Rules by kind; a kind that is left out has no breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Venue of each instrument, by number from 0.
    pub venue_of: Vec<usize>,
    /// Share of open components that opens the global breaker, billionths.
    pub global_share_e9: Option<i64>,
    /// Breakers of venues.
    pub venue: Option<Rules>,
    /// Breaker of the account.
    pub account: Option<Rules>,
    /// Breaker of the strategy.
    pub strategy: Option<Rules>,
    /// Breakers of instruments' data.
    pub feed: Option<Rules>,
    /// Breakers of instruments.
    pub symbol: Option<Rules>,
}

impl Settings {
    /// Returns the rules of a kind.
    pub fn rules(&self, kind: Kind) -> Option<&Rules> {
        match kind {
            Kind::Global => None,
            Kind::Venue => self.venue.as_ref(),
            Kind::Account => self.account.as_ref(),
            Kind::Strategy => self.strategy.as_ref(),
            Kind::Feed => self.feed.as_ref(),
            Kind::Symbol => self.symbol.as_ref(),
        }
    }

    /// Returns whether nothing trips later or closes earlier than under `other`, which has the same kinds.
    pub(super) fn is_as_tight(&self, other: &Self) -> bool {
        let share = other.global_share_e9.is_none_or(|theirs| self.global_share_e9.is_some_and(|ours| ours <= theirs));
        let pairs = Kind::COMPONENTS.iter().map(|&kind| (self.rules(kind), other.rules(kind)));
        share && pairs.into_iter().all(|pair| matches!(pair, (None, None)) || matches!(pair, (Some(a), Some(b)) if a.is_as_tight(b)))
    }

    /// Checks every setting; `assets` is the number of instruments.
    ///
    /// # Errors
    /// Returns one sentence naming the key and its range.
    pub fn validate(&self, assets: usize) -> Result<(), String> {
        if self.venue_of.len() != assets || self.venue_of.iter().any(|&venue| venue >= assets) {
            return Err(format!(
                "breakers.venue_of names the venues of {} instruments, the configuration has {assets}",
                self.venue_of.len()
            ));
        }
        if let Some(share) = self.global_share_e9.filter(|share| !(1..=E9).contains(share)) {
            return Err(format!("breakers.global_share_e9 is {share}; it must lie between 1 and {E9}"));
        }
        Kind::COMPONENTS.iter().try_for_each(|&kind| self.rules(kind).map_or(Ok(()), |rules| rules.validate(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused_by_name() {
        let rules = Rules { window_ms: 8, min_calls: 1, cooldown_ms: 1, trials: 1, ..Rules::default() };
        let with = |rules: Rules| Settings { venue_of: vec![0], symbol: Some(rules), ..Settings::default() };
        assert_eq!(with(rules.clone()).validate(1), Ok(()));
        assert!(with(rules.clone()).validate(2).unwrap_err().starts_with("breakers.venue_of names the venues of 1 instruments"));
        let none = with(Rules { trials: 0, ..rules.clone() }).validate(1).unwrap_err();
        assert!(none.starts_with("breakers.symbol.trials is 0; it must lie between 1 and"));
        let rate = with(Rules { error_rate_e9: Some(E9 + 1), ..rules.clone() }).validate(1).unwrap_err();
        assert!(rate.contains("breakers.symbol.error_rate_e9 is 1000000001"));
        let foreign = with(Rules { loss_e9: Some(5), ..rules.clone() }).validate(1);
        assert_eq!(foreign, Err("breakers.symbol has no source loss".to_owned()));
        let share = Settings { global_share_e9: Some(0), ..with(rules) }.validate(1).unwrap_err();
        assert!(share.starts_with("breakers.global_share_e9 is 0;"));
    }
}
