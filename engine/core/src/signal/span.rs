//! Spans of orders and entries: a number of the asset's rows, or a time.

use serde::Deserialize;

/// A length in rows of the asset or in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Rows of the asset.
    Bars(i64),
    /// Milliseconds.
    Ms(i64),
}

/// A span as it stands in the program.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSpan {
    #[serde(default)]
    bars: Option<i64>,
    #[serde(default)]
    ms: Option<i64>,
}

impl RawSpan {
    /// Checks and converts; `what` names the span.
    pub fn resolve(&self, what: &str) -> Result<Span, String> {
        match (self.bars, self.ms) {
            (Some(bars), None) if bars > 0 => Ok(Span::Bars(bars)),
            (None, Some(ms)) if ms > 0 => Ok(Span::Ms(ms)),
            _ => Err(format!("{what} needs either bars or ms, above 0")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_bars_or_time_and_above_zero() {
        let span = |text: &str| serde_json::from_str::<RawSpan>(text).unwrap().resolve("cooldown");
        assert_eq!(span(r#"{"bars":3}"#), Ok(Span::Bars(3)));
        assert_eq!(span(r#"{"ms":1}"#), Ok(Span::Ms(1)));
        for bad in [r#"{}"#, r#"{"bars":0}"#, r#"{"ms":-1}"#, r#"{"bars":1,"ms":1}"#] {
            assert_eq!(span(bad), Err("cooldown needs either bars or ms, above 0".to_string()), "{bad}");
        }
    }
}
