//! What a run opens with: contracts, the desk of a program, and funding that fits the market.
use super::lanes;
use super::rules::Plan;
use crate::account;
use crate::config::Config;
use crate::desk::funding::{DefaultFunding, FundingSeries};
use crate::desk::{Desk, Setup, licence};
use crate::instrument::{Contract, InstrumentKind};
use crate::market::Market;
use crate::signal::program::Program;

/// Checks funding against a market; returns the most settlements that one step can book.
pub(super) fn funding_burst(
    market: &Market<'_>,
    series: &[Option<FundingSeries<'_>>],
    default: Option<&DefaultFunding>,
) -> Result<usize, String> {
    if series.len() != market.listings.len() {
        return Err(format!("funding is given for {} instruments, the market has {}", series.len(), market.listings.len()));
    }
    if let Some(default) = default {
        default.validate()?;
    }
    let mut burst = 0;
    for ((listing, series), bars) in market.listings.iter().zip(series).zip(&market.columns) {
        if let Some(series) = series {
            series.validate(&listing.symbol)?;
            if listing.kind == InstrumentKind::Spot {
                return Err(format!("{} is spot and pays no funding; give its series to the perpetual", listing.symbol));
            }
        }
        burst += match (series, default) {
            (Some(series), _) => series.burst(bars.ts),
            (None, Some(default)) => default.burst(bars.ts),
            (None, None) => 0,
        };
    }
    Ok(burst)
}

/// Opens the desk of a program; `feedback` says whether its signals read the book.
pub(super) fn open_desk(market: &Market<'_>, program: &Program, config: &Config, plan: Plan, feedback: bool) -> Result<Desk, String> {
    licence::check(config.mode, config.licence.as_ref(), &program.identity())?;
    let mut desk = Desk::new(Setup {
        contracts: contracts(market, config)?,
        rules: plan.rules,
        entries: plan.entries,
        legs: plan.legs,
        interval_ms: market.interval_ms,
        budget_e9: plan.budget_e9,
        track_extremes: feedback,
        config,
    });
    if !program.orders.is_empty() {
        desk.equip(lanes::book(program));
    }
    Ok(desk)
}

/// Returns the contract of each instrument, by id.
///
/// # Errors
/// Returns one sentence where market and configuration do not fit each other.
pub fn contracts(market: &Market<'_>, config: &Config) -> Result<Vec<Contract>, String> {
    if config.instruments.len() != market.listings.len() {
        return Err(format!(
            "the configuration has terms for {} instruments, the market has {}",
            config.instruments.len(),
            market.listings.len()
        ));
    }
    // Where nothing is bought, currencies that do not fit may stand beside each other.
    if config.trades() {
        account::validate(&config.wallets, &config.instruments, &market.listings)?;
    }
    let each = market.listings.iter().zip(&config.instruments);
    each.map(|(listing, each)| {
        each.terms.validate(&listing.symbol)?;
        let leverage_e9 = each.margin.as_ref().map_or(0, |margin| margin.leverage_e9);
        Ok(Contract { kind: listing.kind, scale: listing.scale()?, terms: each.terms, leverage_e9 })
    })
    .collect()
}
