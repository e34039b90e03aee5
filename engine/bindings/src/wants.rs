//! From plain numbers to what the desk wants: quantised as a program's (docs/semantics.md, section 7).
use bot4_engine::desk::reason::{OrderKind, Tif};
use bot4_engine::desk::rule::{Age, Rule, Unit};
use bot4_engine::desk::size::SizeUnit;
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::want::{Exits, Expiry, Want};
use bot4_engine::money::{E9, Scale, round_half_even};
use bot4_engine::replay::events::Standing;

/// Codes of an order: side, kind, unit, tif, bars and ms after which it ends, post_only, reduce_only, whether it has exits.
pub type OrderCodes = (i64, u8, u8, u8, u64, i64, bool, bool, bool);

/// Builds the order wanted; `numbers` are size, price, trigger, distance, loss per unit, then stop, trail, take, stop_at and take_at, 0 = none.
///
/// # Errors
/// Returns one sentence for a number that is less than a tick.
pub fn order(scale: &Scale, key: &str, oco: u32, codes: OrderCodes, numbers: [f64; 10]) -> Result<Want, String> {
    let (side, kind, unit, tif, bars, ms, post_only, reduce_only, holds) = codes;
    let [size, price, trigger, distance, per_unit, stop, trail, take, stop_at, take_at] = numbers;
    let (Some(kind), Some(unit), Some(tif)) = (OrderKind::from_code(kind), SizeUnit::from_code(unit), Tif::from_code(tif)) else {
        return Err(format!("the order {key} has codes that this engine does not know"));
    };
    let checked = |name: &str, x: f64, ticks: Option<i64>| match ticks {
        _ if x == 0.0 => Ok(0),
        Some(ticks) if ticks > 0 => Ok(ticks),
        _ => Err(format!("the {name} of the order {key} is {x}, less than one tick or more than fits; a tick is {}", scale.price(1.0))),
    };
    let ticks = |name: &str, x: f64| checked(name, x, scale.ticks(x));
    Ok(Want {
        side,
        kind,
        tif,
        expiry: match (bars, ms) {
            (0, 0) => Expiry::Never,
            (0, ms) => Expiry::Ms(ms),
            (bars, _) => Expiry::Bars(bars),
        },
        post_only,
        reduce_only,
        oco,
        unit,
        // What is no lot is sent as nothing, and refused with its cause.
        size: unit.quantise(scale, size).max(0),
        share: 1,
        per_unit: ticks("loss per unit", per_unit)?,
        price: checked("price", price, scale.limit_ticks(price, side))?,
        trigger: ticks("trigger", trigger)?,
        distance: ticks("distance", distance)?,
        holds,
        exits: Exits {
            stop: ticks("stop", stop)?,
            trail: ticks("trail", trail)?,
            take: ticks("take", take)?,
            stop_at: ticks("stop_at", stop_at)?,
            take_at: ticks("take_at", take_at)?,
        },
    })
}

/// Codes of a target: unit, how it rearms, the bars or ms of that, and the age in bars or ms at which it is closed (0 = none).
pub type TargetCodes = (u8, u8, i64, i64, i64);

/// Builds the rule of a target and what stands; `numbers` are value, band, and the distances of stop, trail and take, NaN = none.
///
/// # Errors
/// Returns one sentence for codes that do not exist or a band out of range.
pub fn target(codes: TargetCodes, numbers: [f64; 5]) -> Result<(Rule, Standing), String> {
    let (unit, rearm, span, age_bars, age_ms) = codes;
    let [raw, band, fixed, trailing, take] = numbers;
    let unit = match unit {
        0 => Unit::Weight,
        1 => Unit::Notional,
        2 => Unit::Quantity,
        other => return Err(format!("a target of unit {other} does not exist")),
    };
    let rearm = match rearm {
        0 => Rearm::NewSignal,
        1 => Rearm::Immediate,
        2 => Rearm::Bars(span),
        3 => Rearm::Ms(span),
        other => return Err(format!("a rearm of mode {other} does not exist")),
    };
    let Some(band_e9) = round_half_even(band * E9 as f64).filter(|band| (0..=1_000 * E9).contains(band)) else {
        return Err(format!("band is {band}; it must lie between 0 and 1000"));
    };
    let age = match (age_bars, age_ms) {
        (0, 0) => None,
        (0, ms) => Some(Age::Ms(ms)),
        (bars, _) => Some(Age::Bars(bars)),
    };
    let has = |x: f64| !x.is_nan();
    let rule = Rule { unit, band_e9, share: 1, settled: 0, rearm, fixed: has(fixed), trailing: has(trailing), take: has(take), age };
    Ok((rule, Standing { raw, fixed, trailing, take }))
}
