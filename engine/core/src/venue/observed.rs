//! What bars cannot say of a venue and its feed, as a spell of time with a value: clock skew, latency, spread. A rehearsal states them;
//! breakers see them as what a live host would have measured.
use crate::desk::breaker::{BreakerKind, Trip};
use serde::{Deserialize, Deserializer};

/// A source of one component that measures a value from a time on, until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// From the first decision at or after this time on, ms.
    pub from_ms: i64,
    /// Until before this time, ms.
    pub to_ms: i64,
    /// Kind of component.
    #[serde(deserialize_with = "kind")]
    pub kind: BreakerKind,
    /// Number among its kind: venue, or instrument id; else 0.
    pub index: u32,
    /// What is measured.
    #[serde(deserialize_with = "trip")]
    pub source: Trip,
    /// In the unit of the source: ms, ns, billionths or lots.
    pub value: i64,
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<BreakerKind, D::Error> {
    let text = String::deserialize(from)?;
    BreakerKind::COMPONENTS.iter().find(|kind| kind.text() == text).copied().ok_or_else(|| unknown("component", &text))
}

fn trip<'de, D: Deserializer<'de>>(from: D) -> Result<Trip, D::Error> {
    let text = String::deserialize(from)?;
    Trip::MEASURED.iter().find(|trip| trip.text() == text).copied().ok_or_else(|| unknown("source", &text))
}

fn unknown<E: serde::de::Error>(what: &str, text: &str) -> E {
    E::custom(format!("there is no {what} {text} that is measured"))
}

impl Observed {
    /// Returns whether it holds at a decision.
    pub fn holds(&self, t: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&t)
    }

    /// Checks that it holds at some time, and that its component has such a source.
    ///
    /// # Errors
    /// Returns one sentence saying what is wrong.
    pub fn validate(&self) -> Result<(), String> {
        if self.from_ms >= self.to_ms {
            return Err(format!("what is observed ends at {} ms, before it begins at {} ms", self.to_ms, self.from_ms));
        }
        if !self.kind.measures().contains(&self.source) {
            return Err(format!("what is observed of a {} is never its {}", self.kind.text(), self.source.text()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Observed, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn it_holds_from_its_begin_until_before_its_end() {
        let observed = read(r#"{"from_ms":10,"to_ms":20,"kind":"feed","index":1,"source":"clock_skew","value":3000}"#).unwrap();
        assert_eq!([9, 10, 19, 20].map(|t| observed.holds(t)), [false, true, true, false]);
        assert_eq!((observed.kind, observed.source, observed.validate()), (BreakerKind::Feed, Trip::ClockSkew, Ok(())));
    }

    #[test]
    fn what_no_component_measures_is_refused() {
        let text =
            |kind: &str, source: &str| format!(r#"{{"from_ms":1,"to_ms":2,"kind":"{kind}","index":0,"source":"{source}","value":1}}"#);
        assert!(read(&text("moon", "spread")).unwrap_err().starts_with("there is no component moon that is measured"));
        assert!(read(&text("feed", "failures")).unwrap_err().starts_with("there is no source failures that is measured"));
        let foreign = read(&text("venue", "spread")).unwrap();
        assert_eq!(foreign.validate(), Err("what is observed of a venue is never its spread".to_owned()));
        let empty = Observed { to_ms: 1, ..read(&text("symbol", "spread")).unwrap() };
        assert_eq!(empty.validate(), Err("what is observed ends at 1 ms, before it begins at 1 ms".to_owned()));
    }
}
