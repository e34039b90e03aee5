//! The agents' market has the stylised facts of real ones (Cont 2001, "Empirical properties of asset returns"), as statistics with bounds
//! that a market without them fails, and is the same for the same seed.

use bot4_exchange::agents::Agents;
use bot4_exchange::command::Side;
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::Report;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Amount, Micros};

const START: Micros = 1_764_201_600_000_000;
const SECOND: Micros = 1_000_000;

struct Seen {
    /// Middle of the touch, each second.
    middles: Vec<f64>,
    /// Spread in bips, each second.
    spreads: Vec<f64>,
    /// Quantity within one, two and eight spreads' reach of the touch, summed over all seconds.
    depth: [f64; 3],
    trades: u64,
    refused: u64,
    commands: u64,
    hash: u64,
}

fn run(seed: u64, seconds: i64) -> Seen {
    let mut profile = Profile::binance_spot();
    profile.room.accounts = 16;
    profile.room.orders = 4_096;
    profile.room.book = 4_096;
    let mut venue = Exchange::new(profile).expect("a venue");
    let mut agents = Agents::new(&mut venue, 0, 60_000 * ONE, seed, START).expect("agents");
    let mut seen = Seen { middles: Vec::new(), spreads: Vec::new(), depth: [0.0; 3], trades: 0, refused: 0, commands: 0, hash: 0 };
    for second in 1..=seconds {
        agents.run(START + second * SECOND, &mut venue, &mut |report| match report {
            Report::Trade { .. } => seen.trades += 1,
            Report::Refused(_) => seen.refused += 1,
            Report::Execution { .. } => seen.commands += 1,
            _ => {}
        });
        let (Some(bid), Some(ask)) = (venue.best(0, Side::Buy), venue.best(0, Side::Sell)) else { continue };
        assert!(bid.0 < ask.0);
        let middle = (bid.0 + ask.0) as f64 / 2.0;
        if second > 60 {
            seen.middles.push(middle);
            seen.spreads.push((ask.0 - bid.0) as f64 / middle * 10_000.0);
            for (at, reach) in [1.0, 3.0, 9.0].into_iter().enumerate() {
                let within = middle * 0.000_1 * reach;
                venue.depth(0, Side::Buy, 1_000, |price: Amount, quantity| {
                    if (price as f64) > bid.0 as f64 - within {
                        seen.depth[at] += quantity as f64;
                    }
                });
            }
        }
    }
    seen.hash = venue.book_hash(0);
    seen
}

fn correlation(values: &[f64], lag: usize) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    values.windows(lag + 1).map(|pair| (pair[0] - mean) * (pair[lag] - mean)).sum::<f64>() / variance
}

#[test]
fn the_stylised_facts_of_real_markets_hold() {
    let seen = run(5, 4_000);
    let returns: Vec<f64> = seen.middles.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    let sizes: Vec<f64> = returns.iter().map(|gain| gain.abs()).collect();
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let moment = |power: i32| returns.iter().map(|gain| (gain - mean).powi(power)).sum::<f64>() / returns.len() as f64;
    let kurtosis = moment(4) / (moment(2) * moment(2));
    // Of 3,939 returns without memory a correlation has a standard deviation of 0.016.
    let noise = 1.0 / (returns.len() as f64).sqrt();
    assert!(kurtosis > 4.0, "fat tails: a normal has 3, this {kurtosis}");
    for lag in [1, 2, 5] {
        let (memory, clusters) = (correlation(&returns, lag), correlation(&sizes, lag));
        assert!(memory.abs() < 0.1, "returns have no memory: {memory} at lag {lag}");
        assert!(clusters > 5.0 * noise, "volatility clusters: {clusters} at lag {lag}");
    }
    let volatility = moment(2).sqrt() * 86_400.0_f64.sqrt();
    assert!((0.015..0.08).contains(&volatility), "a day's volatility of {volatility}");
    let mut spreads = seen.spreads.clone();
    spreads.sort_by(f64::total_cmp);
    let median = spreads[spreads.len() / 2];
    assert!((0.05..5.0).contains(&median), "a spread of {median} bips");
    assert!(seen.middles.len() > 3_900, "both sides stand: {}", seen.middles.len());
    let shape = [seen.depth[1] / seen.depth[0], seen.depth[2] / seen.depth[1]];
    assert!(shape[0] > 1.5 && shape[1] > 1.2, "depth grows away from the touch: {shape:?}");
    assert!(
        seen.trades > 8_000 && seen.refused * 4 < seen.commands,
        "{} trades, {} refused, {} reports",
        seen.trades,
        seen.refused,
        seen.commands
    );
    println!(
        "kurtosis {kurtosis:.2}, memory {:.3}, clusters {:.3}, volatility {volatility:.4} a day, spread {median:.3} bips, depth {shape:.2?}, {} trades",
        correlation(&returns, 1),
        correlation(&sizes, 1),
        seen.trades
    );
}

#[test]
fn a_seed_is_a_market_and_another_seed_another() {
    let (one, same, other) = (run(1, 120), run(1, 120), run(2, 120));
    assert_eq!((one.hash, &one.middles, one.trades), (same.hash, &same.middles, same.trades));
    assert_ne!(one.hash, other.hash);
}
