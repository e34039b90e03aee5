use super::settings::Rules;
use super::*;
use crate::memory::snapshot::{Reader, Writer};

mod sources;

const MINUTE: i64 = 60_000;

fn rules() -> Rules {
    Rules { window_ms: 80 * MINUTE, min_calls: 4, cooldown_ms: 30 * MINUTE, trials: 2, ..Rules::default() }
}

fn settings(change: impl Fn(&mut Settings)) -> Settings {
    let mut settings = Settings { venue_of: vec![0, 0, 1], ..Settings::default() };
    change(&mut settings);
    settings.validate(3).unwrap();
    settings
}

/// Looks at the minutes given; `feed` says before each look what happened. Returns (minute, kind, number, to, trip, value).
fn watch(
    breakers: &mut Breakers,
    minutes: impl IntoIterator<Item = i64>,
    mut feed: impl FnMut(&mut Breakers, i64) -> i64,
) -> Vec<(i64, Kind, u32, BreakerState, Trip, i64)> {
    let mut records = Vec::new();
    for minute in minutes {
        let equity = feed(breakers, minute);
        breakers.look(minute * MINUTE, equity, &mut records);
    }
    records.iter().map(|r| (r.ts / MINUTE, r.kind, r.index, r.to, r.trip, r.value)).collect()
}

use BreakerState::{Closed, HalfOpen, Open};

#[test]
fn failures_in_a_row_open_cool_down_and_close_by_trials() {
    let mut breakers = Breakers::new(settings(|s| s.venue = Some(Rules { failures: Some(3), ..rules() })), 3);
    let found = watch(&mut breakers, 0..60, |b, minute| {
        if minute < 3 {
            b.record(Kind::Venue, 0, false);
        }
        if minute == 40 || minute == 41 {
            assert!(b.lets_open(0), "a trial may pass");
            b.note_sent(0);
            b.record(Kind::Venue, 0, true);
        }
        0
    });
    let expected = [(2, Open, Trip::Failures, 3), (32, HalfOpen, Trip::CooledDown, 30 * MINUTE), (41, Closed, Trip::TrialsPassed, 2)];
    assert_eq!(found, expected.map(|(at, to, trip, value)| (at, Kind::Venue, 0, to, trip, value)));
}

#[test]
fn a_good_outcome_ends_a_row_and_two_failures_are_not_three() {
    let mut breakers = Breakers::new(settings(|s| s.venue = Some(Rules { failures: Some(3), ..rules() })), 3);
    let found = watch(&mut breakers, 0..6, |b, minute| {
        b.record(Kind::Venue, 1, minute == 2 || minute == 5);
        b.record(Kind::Venue, 1, minute == 5);
        0
    });
    assert_eq!(found, [(1, Kind::Venue, 1, Open, Trip::Failures, 4)], "two a look");
    let mut spared = Breakers::new(settings(|s| s.venue = Some(Rules { failures: Some(3), ..rules() })), 3);
    let found = watch(&mut spared, 0..9, |b, minute| {
        b.record(Kind::Venue, 0, minute % 3 == 2);
        0
    });
    assert_eq!(found, []);
}

#[test]
fn open_covers_its_venue_alone_and_half_open_lets_so_many_try() {
    let mut breakers = Breakers::new(settings(|s| s.venue = Some(Rules { failures: Some(1), ..rules() })), 3);
    watch(&mut breakers, [0], |b, _| {
        b.record(Kind::Venue, 0, false);
        0
    });
    assert_eq!([0, 1, 2].map(|asset| breakers.lets_open(asset)), [false, false, true]);
    assert_eq!(breakers.word().bits(), place(Kind::Venue, 0));
    watch(&mut breakers, [30], |_, _| 0);
    assert_eq!([0, 1, 2].map(|asset| (breakers.check(asset), breakers.lets_open(asset))), [(false, true), (false, true), (true, true)]);
    breakers.note_sent(0);
    assert!(breakers.lets_open(1));
    breakers.note_sent(1);
    assert!(!breakers.lets_open(0), "two trials are out");
    watch(&mut breakers, [59], |_, _| 0);
    assert!(!breakers.lets_open(0));
    watch(&mut breakers, [60], |_, _| 0);
    assert!(breakers.lets_open(0), "trials without an outcome are given anew after a cool-down");
    let found = watch(&mut breakers, [61], |b, _| {
        b.record(Kind::Venue, 0, false);
        0
    });
    assert_eq!(found, [(61, Kind::Venue, 0, Open, Trip::TrialFailed, 1)]);
}

#[test]
fn an_error_rate_needs_its_calls_and_counts_when_reached() {
    let with = || Breakers::new(settings(|s| s.symbol = Some(Rules { error_rate_e9: Some(E9 / 2), ..rules() })), 3);
    let outcomes = |good: [bool; 4]| {
        move |b: &mut Breakers, minute: i64| {
            b.record(Kind::Symbol, 2, good[minute as usize]);
            0
        }
    };
    assert_eq!(watch(&mut with(), 0..3, outcomes([false; 4])), [], "three calls are too few");
    let found = watch(&mut with(), 0..4, outcomes([true, true, false, false]));
    assert_eq!(found, [(3, Kind::Symbol, 2, Open, Trip::ErrorRate, E9 / 2)]);
    assert_eq!(watch(&mut with(), 0..4, outcomes([true, true, true, false])), []);
    // The window forgets: the first two outcomes are more than 80 minutes old.
    let mut old = with();
    let found = watch(&mut old, [0, 1, 95, 96, 97], |b, minute| {
        b.record(Kind::Symbol, 0, minute > 90);
        0
    });
    assert_eq!(found, []);
}

#[test]
fn a_storm_counts_bad_outcomes_between_good_ones() {
    let mut breakers = Breakers::new(settings(|s| s.venue = Some(Rules { storm: Some(5), ..rules() })), 3);
    let found = watch(&mut breakers, 0..10, |b, minute| {
        b.record(Kind::Venue, 0, minute % 2 == 1);
        0
    });
    assert_eq!(found, [(8, Kind::Venue, 0, Open, Trip::RejectStorm, 5)]);
}

#[test]
fn a_loss_is_measured_over_the_window_and_a_drawdown_from_the_peak() {
    let with = |change: fn(&mut Rules)| {
        let mut own = rules();
        change(&mut own);
        Breakers::new(settings(|s| s.account = Some(own.clone())), 3)
    };
    let mut loss = with(|r| r.loss_e9 = Some(E9 / 10));
    let found = watch(&mut loss, [0, 100, 110, 120], |_, minute| {
        [1_000, 940, 880, 846][[0, 100, 110, 120].iter().position(|&m| m == minute).unwrap()]
    });
    assert_eq!(found, [(120, Kind::Account, 0, Open, Trip::Loss, E9 / 10)], "846 of 940, for 1,000 is too old");
    let mut spared = with(|r| r.loss_e9 = Some(E9 / 10));
    assert_eq!(watch(&mut spared, [0, 10], |_, minute| if minute == 0 { 1_000 } else { 901 }), []);
    let mut fall = with(|r| r.drawdown_e9 = Some(E9 / 10));
    let found = watch(&mut fall, [0, 500, 1_000, 1_030, 1_040, 1_050], |_, minute| [1_000, 1_200, 1_080][(minute / 500).min(2) as usize]);
    // Good looks close it: the peak began anew.
    let expected = [(1_000, Open, Trip::Drawdown), (1_030, HalfOpen, Trip::CooledDown), (1_050, Closed, Trip::TrialsPassed)];
    assert_eq!(found.iter().map(|r| (r.0, r.3, r.4)).collect::<Vec<_>>(), expected);
}

#[test]
fn each_measured_source_trips_at_its_limit_and_not_one_unit_below() {
    type Case = (Kind, Trip, fn(&mut Rules));
    let cases: [Case; 7] = [
        (Kind::Venue, Trip::Latency, |r| r.latency_ns = Some(100)),
        (Kind::Account, Trip::PositionDrift, |r| r.position_drift = Some(100)),
        (Kind::Feed, Trip::StaleFeed, |r| r.stale_ms = Some(100)),
        (Kind::Feed, Trip::ClockSkew, |r| r.clock_skew_ms = Some(100)),
        (Kind::Symbol, Trip::Slippage, |r| r.slippage_e9 = Some(100)),
        (Kind::Symbol, Trip::Spread, |r| r.spread_e9 = Some(100)),
        (Kind::Symbol, Trip::PriceGap, |r| r.price_gap_e9 = Some(100)),
    ];
    for (kind, trip, change) in cases {
        let mut own = rules();
        change(&mut own);
        let made = settings(|s| {
            let place = match kind {
                Kind::Venue => &mut s.venue,
                Kind::Account => &mut s.account,
                Kind::Feed => &mut s.feed,
                _ => &mut s.symbol,
            };
            *place = Some(own.clone());
        });
        for (value, trips) in [(99, false), (100, true)] {
            let mut breakers = Breakers::new(made.clone(), 3);
            let found = watch(&mut breakers, [5], |b, _| {
                b.measure(kind, 0, trip, 1);
                b.measure(kind, 0, trip, value);
                b.measure(kind, 0, trip, 2);
                1
            });
            assert_eq!(found, if trips { vec![(5, kind, 0, Open, trip, 100)] } else { vec![] }, "{trip:?} at {value}");
        }
    }
}

#[test]
fn the_global_breaker_follows_the_share_of_open_ones() {
    let made = settings(|s| {
        s.global_share_e9 = Some(E9 / 2);
        s.symbol = Some(Rules { price_gap_e9: Some(1), ..rules() });
        s.strategy = Some(Rules { failures: Some(1), ..rules() });
    });
    let mut breakers = Breakers::new(made, 3);
    let found = watch(&mut breakers, [0, 1, 30, 31], |b, minute| {
        match minute {
            0 => b.measure(Kind::Symbol, 2, Trip::PriceGap, 1),
            1 => b.record(Kind::Strategy, 0, false),
            _ => {}
        }
        0
    });
    let expected = [
        (0, Kind::Symbol, 2, Open, Trip::PriceGap),
        (1, Kind::Strategy, 0, Open, Trip::LosingStreak),
        (1, Kind::Global, 0, Open, Trip::Derived),
        (30, Kind::Symbol, 2, HalfOpen, Trip::CooledDown),
        (30, Kind::Global, 0, Closed, Trip::Derived),
        (31, Kind::Strategy, 0, HalfOpen, Trip::CooledDown),
    ];
    assert_eq!(found.iter().map(|r| (r.0, r.1, r.2, r.3, r.4)).collect::<Vec<_>>(), expected);
}

#[test]
fn components_that_share_a_place_are_told_apart() {
    let made = Settings { venue_of: vec![0; 60], symbol: Some(Rules { price_gap_e9: Some(1), ..rules() }), ..Settings::default() };
    let mut breakers = Breakers::new(made, 60);
    watch(&mut breakers, [0], |b, _| {
        b.measure(Kind::Symbol, 30, Trip::PriceGap, 5);
        0
    });
    assert_eq!([2, 30, 58, 3].map(|asset| breakers.check(asset)), [false, false, false, true]);
    assert_eq!([2, 30, 58, 3].map(|asset| breakers.lets_open(asset)), [true, false, true, true]);
}

#[test]
fn settings_are_reloaded_with_other_numbers_alone() {
    let with = |failures| settings(|s| s.venue = Some(Rules { failures: Some(failures), ..rules() }));
    let mut breakers = Breakers::new(with(5), 3);
    let bad = |b: &mut Breakers, _: i64| {
        b.record(Kind::Venue, 0, false);
        0
    };
    assert_eq!(watch(&mut breakers, 0..2, bad), []);
    assert_eq!(breakers.reload(with(5)), Ok(false), "the same");
    assert!(breakers.reload(with(6)).unwrap_err().starts_with("breakers can be made to trip earlier"));
    assert_eq!(breakers.reload(with(3)), Ok(true));
    assert_eq!(watch(&mut breakers, 2..3, bad), [(2, Kind::Venue, 0, Open, Trip::Failures, 3)], "what was counted stays");
    let states: Vec<_> = breakers.states().collect();
    assert_eq!(states[0], (Kind::Venue, 0, Open));
    assert!(states[1..].iter().all(|state| state.0 == Kind::Venue && state.2 == BreakerState::Closed));
    let other = settings(|s| s.symbol = Some(rules()));
    assert!(breakers.reload(other).unwrap_err().starts_with("breakers can be reloaded with other numbers"));
    let wrong = Settings { venue: Some(Rules { trials: 0, ..rules() }), ..with(3) };
    assert!(breakers.reload(wrong).unwrap_err().starts_with("breakers.venue.trials is 0"));
}

#[test]
fn a_saved_state_goes_on_as_the_other_does() {
    let made = settings(|s| {
        let all = Rules { failures: Some(2), error_rate_e9: Some(E9 / 3), ..rules() };
        (s.venue, s.strategy, s.symbol) = (Some(all.clone()), Some(all.clone()), Some(Rules { price_gap_e9: Some(7), ..all.clone() }));
        (s.account, s.feed) = (Some(Rules { loss_e9: Some(E9 / 50), ..rules() }), Some(Rules { stale_ms: Some(9 * MINUTE), ..rules() }));
        s.global_share_e9 = Some(E9 / 4);
    });
    let feed = |b: &mut Breakers, minute: i64| {
        let noise = (minute * 7_919) % 31;
        b.age_feeds(minute * MINUTE);
        if noise % 5 != 0 {
            b.see_bar(minute * MINUTE, (noise % 3) as usize, 100 + noise % 2, 100);
        }
        b.record(Kind::Venue, (noise % 2) as u32, noise % 4 != 0);
        b.record(Kind::Strategy, 0, noise % 7 != 0);
        1_000 - noise
    };
    let mut whole = Breakers::new(made.clone(), 3);
    let all = watch(&mut whole, 0..400, feed);
    assert!(all.len() > 20, "{}", all.len());
    for cut in [1, 63, 200, 399] {
        let (mut first, mut second) = (Breakers::new(made.clone(), 3), Breakers::new(made.clone(), 3));
        let mut found = watch(&mut first, 0..cut, feed);
        let mut to = Writer::default();
        first.save(&mut to);
        second.load(&mut Reader::new(&to.finish())).unwrap();
        assert_eq!(second.word().bits(), first.word().bits());
        found.extend(watch(&mut second, cut..400, feed));
        assert_eq!(found, all, "cut at {cut}");
    }
}
