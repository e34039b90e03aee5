//! What bars, fills and trades say about components, and what readers on other threads see.
use super::*;

/// An order decided at a price, as the breakers see it.
fn order(asset: u32, side: i64, ref_ticks: i64) -> crate::desk::order::Order {
    use crate::desk::reason::{Cause, Reason};
    crate::desk::order::Order {
        id: 0,
        ts: 0,
        asset,
        side,
        lots: 1,
        filled: 0,
        wanted: 1,
        ref_ticks,
        due: 0,
        reason: Reason::Target,
        cause: Cause::None,
        fixed_ticks: 0,
        trailing_ticks: 0,
        take_ticks: 0,
        capped_row: crate::desk::order::NEVER,
    }
}

#[test]
fn slippage_is_what_a_fill_cost_over_what_the_model_says() {
    let made = || settings(|s| s.symbol = Some(Rules { slippage_e9: Some(3 * E9), ..rules() }));
    // Decided at 1,000, the bar opened at `base`, filled at `ticks`: cost over model, in billionths.
    let of = |side: i64, base: i64, ticks: i64| {
        let mut breakers = Breakers::new(made(), 3);
        watch(&mut breakers, [5], |b, _| {
            b.see_fill(&order(1, side, 1_000), ticks, base);
            0
        })
        .first()
        .map(|r| (r.1, r.2, r.4, r.5))
    };
    let tripped = |value| Some((Kind::Symbol, 1, Trip::Slippage, value));
    assert_eq!(of(1, 1_004, 1_006), tripped(3 * E9), "6 over 2");
    assert_eq!(of(-1, 996, 994), tripped(3 * E9));
    assert_eq!(of(1, 1_003, 1_005), None, "5 over 2");
    assert_eq!(of(-1, 997, 995), None);
    assert_eq!(of(1, 990, 994), None, "better than decided costs nothing");
    assert_eq!(of(-1, 1_010, 1_006), None);
    assert_eq!(of(1, 1_003, 1_003), tripped(3 * E9), "a model without cost counts as one tick");
    assert_eq!(of(1, 1_002, 1_002), None);
    assert_eq!(of(-1, 994, 990), None, "10 over 4");
    assert_eq!(of(-1, 993, 990), tripped(3_333_333_333), "10 over 3");
}

#[test]
fn feeds_age_from_their_last_bar_on_and_one_without_a_bar_has_no_age() {
    let made = settings(|s| s.feed = Some(Rules { stale_ms: Some(10 * MINUTE), ..rules() }));
    let mut breakers = Breakers::new(made, 3);
    let found = watch(&mut breakers, [100, 105, 109, 110, 111], |b, minute| {
        b.age_feeds(minute * MINUTE);
        if minute == 100 {
            b.see_bar(minute * MINUTE, 1, 500, 500);
        }
        0
    });
    assert_eq!(found, [(110, Kind::Feed, 1, Open, Trip::StaleFeed, 10 * MINUTE)]);
}

#[test]
fn a_gap_is_measured_from_the_close_before_to_the_open() {
    let made = || settings(|s| s.symbol = Some(Rules { price_gap_e9: Some(E9 / 10), ..rules() }));
    let at = |open: i64| {
        let mut breakers = Breakers::new(made(), 3);
        watch(&mut breakers, [0, 1], |b, minute| {
            b.see_bar(minute * MINUTE, 0, if minute == 0 { 7 } else { open }, 1_000);
            0
        })
    };
    assert_eq!((at(1_099), at(901)), (vec![], vec![]), "and the first bar has none before it");
    for open in [1_100, 900] {
        assert_eq!(at(open), [(1, Kind::Symbol, 0, Open, Trip::PriceGap, E9 / 10)]);
    }
}

#[test]
fn trades_that_lose_in_a_row_open_the_strategy_s_breaker_and_one_at_par_ends_the_row() {
    let made = || settings(|s| s.strategy = Some(Rules { failures: Some(2), ..rules() }));
    let of = |pnls: [i64; 3]| {
        let mut breakers = Breakers::new(made(), 3);
        watch(&mut breakers, 0..3, |b, minute| {
            b.see_trade(pnls[minute as usize]);
            0
        })
    };
    assert_eq!(of([5, -1, -1]), [(2, Kind::Strategy, 0, Open, Trip::LosingStreak, 2)]);
    assert_eq!((of([-1, 0, -1]), of([1, 1, 1])), (vec![], vec![]));
}

#[test]
fn readers_on_other_threads_see_the_places_of_an_instrument() {
    let mut breakers = Breakers::new(
        settings(|s| {
            s.venue = Some(Rules { failures: Some(1), ..rules() });
            s.feed = Some(Rules { clock_skew_ms: Some(5), ..rules() });
        }),
        3,
    );
    // Instruments 0 and 1 trade at venue 0, 2 at venue 1; the words of a venue and of a feed are apart.
    watch(&mut breakers, [0], |b, _| {
        b.record(Kind::Venue, 0, false);
        b.measure(Kind::Feed, 2, Trip::ClockSkew, 5);
        0
    });
    let bits = breakers.word().bits();
    let met: Vec<bool> = (0..3).map(|asset| bits & breakers.mask(asset) != 0).collect();
    assert_eq!((met, bits.count_ones()), (vec![true, true, true], 2));
    let word = |kind, index| place(kind, index);
    assert_eq!([0, 1, 2].map(|asset| breakers.mask(asset) & word(Kind::Venue, 0) != 0), [true, true, false]);
    assert_eq!([0, 1, 2].map(|asset| breakers.mask(asset) & word(Kind::Feed, 2) != 0), [false, false, true]);
}

#[test]
fn the_global_breaker_tells_both_ways() {
    let made = settings(|s| {
        s.global_share_e9 = Some(E9 / 3);
        s.symbol = Some(Rules { price_gap_e9: Some(1), ..rules() });
    });
    let mut breakers = Breakers::new(made, 3);
    let mut records = Vec::new();
    breakers.measure(Kind::Symbol, 0, Trip::PriceGap, 1);
    breakers.look(0, 0, &mut records);
    breakers.look(30 * MINUTE, 0, &mut records);
    let global: Vec<_> = records.iter().filter(|r| r.kind == Kind::Global).map(|r| (r.from, r.to, r.value, r.limit)).collect();
    assert_eq!(global, [(Closed, Open, E9 / 3, E9 / 3), (Open, Closed, 0, E9 / 3)]);
}

#[test]
fn after_a_cool_down_the_account_is_measured_from_what_it_has_then() {
    let made = settings(|s| s.account = Some(Rules { drawdown_e9: Some(E9 / 10), loss_e9: Some(E9 / 5), ..rules() }));
    let mut breakers = Breakers::new(made, 3);
    // 10 % are lost at once; half-open at 31 with 800, from which 81 more trip it again, and 79 do not.
    let equity = |minute: i64, then: i64| match minute {
        0 => 1_000,
        1..=30 => 900,
        31 => 800,
        _ => then,
    };
    let after = |then: i64, breakers: &mut Breakers| watch(breakers, [0, 1, 31, 32], |_, minute| equity(minute, then));
    let found = after(721, &mut breakers);
    assert_eq!(found.iter().map(|r| (r.0, r.3)).collect::<Vec<_>>(), [(1, Open), (31, HalfOpen)]);
    let mut second = Breakers::new(settings(|s| s.account = Some(Rules { drawdown_e9: Some(E9 / 10), ..rules() })), 3);
    assert_eq!(after(720, &mut second).last().map(|r| (r.0, r.3, r.4, r.5)), Some((32, Open, Trip::Drawdown, E9 / 10)));
}

#[test]
fn two_components_that_share_a_place_are_shut_together() {
    let made = Settings { venue_of: vec![0; 60], symbol: Some(Rules { price_gap_e9: Some(1), ..rules() }), ..Settings::default() };
    let mut breakers = Breakers::new(made, 60);
    watch(&mut breakers, [0], |b, _| {
        [2, 30].into_iter().for_each(|index| b.measure(Kind::Symbol, index, Trip::PriceGap, 5));
        0
    });
    assert_eq!([2, 30, 58, 3].map(|asset| breakers.check(asset)), [false, false, false, true]);
    assert_eq!(breakers.word().bits(), place(Kind::Symbol, 2));
}

#[test]
fn the_word_is_written_when_something_changes() {
    let mut breakers = Breakers::new(settings(|s| s.venue = Some(Rules { failures: Some(1), ..rules() })), 3);
    assert_eq!(breakers.word().bits(), 0);
    watch(&mut breakers, [0], |b, _| {
        b.record(Kind::Venue, 1, false);
        0
    });
    breakers.word().set(0);
    watch(&mut breakers, [1], |_, _| 0);
    assert_eq!(breakers.word().bits(), 0, "nothing changed, and readers' cache lines stay theirs");
}
