//! Funding: who pays, how much, when.
use crate::accounts::harness::*;

/// Binance, Introduction to Funding Rates: funding amount = nominal value of positions · funding rate; a positive rate is paid by longs.
#[test]
fn linear_funding_is_notional_times_rate_and_jitter_does_not_move_it() {
    let play_side = |lots: f64, times: Vec<i64>, rates: Vec<f64>| {
        let mut held = linear(&[100.0; 12], &[lots; 12]);
        held.funding = Some((times, rates));
        let world = World(vec![held]);
        let mut desk = desk(&world, &config(1_000, &world));
        desk.expect_funding(None, 8);
        (play(&mut desk, &world), desk.equity(), desk.totals(0).funding)
    };
    // 2 coins at 100.00 at 1 bp: 0.02.
    let (long, equity, total) = play_side(2.0, vec![0, 8 * HOUR + 3], vec![0.5, 0.0001]);
    assert_eq!(
        long.funding.iter().map(|f| (f.ts, f.rate_e9, f.amount, f.position)).collect::<Vec<_>>(),
        [(8 * HOUR + 3, 100_000, coins(-0.02), 2_000)]
    );
    assert_eq!((equity, total), (coins(1_000.0 - 0.02), coins(-0.02)));
    let (short, equity, _) = play_side(-2.0, vec![8 * HOUR + 3], vec![0.0001]);
    assert_eq!((short.funding[0].amount, equity), (coins(0.02), coins(1_000.02)));
    let (negative, ..) = play_side(2.0, vec![8 * HOUR - 5], vec![-0.0001]);
    assert_eq!(negative.funding[0].amount, coins(0.02), "a negative rate is paid to longs");
    let (odd, ..) = play_side(0.333, vec![8 * HOUR, 8 * HOUR + 1], vec![0.000_000_333, 0.0]);
    assert_eq!(odd.funding.iter().map(|f| f.amount).collect::<Vec<_>>(), [-1_109, 0], "33.30 · 333e-9 = 11.0889e-6, paid rounded up");
    let (got, ..) = play_side(-0.333, vec![8 * HOUR], vec![0.000_000_333]);
    assert_eq!(got.funding[0].amount, 1_108, "and received rounded down");
}

#[test]
fn the_default_rate_falls_on_multiples_of_its_period_and_only_on_perpetuals() {
    let spot = table(InstrumentKind::Spot, cents(), &[100.0; 20], &[1.0; 20]);
    let mut gap = linear(&[100.0; 20], &[1.0; 20]);
    for at in 7..17 {
        gap.bars[at][0] = f64::NAN;
    }
    let world = World(vec![spot, gap]);
    let mut desk = desk(&world, &config(1_000, &world));
    desk.expect_funding(Some(DefaultFunding { rate_e9: 100_000, period_ms: 8 * HOUR }), 8);
    let records = play(&mut desk, &world);
    let booked: Vec<_> = records.funding.iter().map(|f| (f.asset, f.ts / HOUR, f.amount)).collect();
    assert_eq!(booked, [(1, 8, coins(-0.01)), (1, 16, coins(-0.01))], "both after the gap, one by one");
}
