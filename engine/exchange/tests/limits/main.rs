//! Every limiter against a model that keeps the whole history and counts anew at each request.

use bot4_exchange::Micros;
use bot4_exchange::draw::Draw;
use bot4_exchange::limits::ban::{Ban, FORGET, LONGEST, PATIENCE, SHORTEST};
use bot4_exchange::limits::decay::{Action, Decay};
use bot4_exchange::limits::opened::Opened;
use bot4_exchange::limits::rolling::Rolling;
use bot4_exchange::limits::windows::{MAKER_REFUND, TAKER_REFUND, Window, Windows};
use bot4_exchange::limits::{PerAddress, Verdict};
use bot4_exchange::profile::Profile;

const SECOND: Micros = 1_000_000;

#[test]
fn windows_are_what_a_log_of_all_requests_says() {
    let limits = [Window { length: 10 * SECOND, limit: 20 }, Window { length: 60 * SECOND, limit: 70 }];
    let mut windows = Windows::new(&limits);
    // (time, amount); a refund is below zero.
    let mut log: Vec<(Micros, i64)> = Vec::new();
    let (mut draw, mut now, mut refused) = (Draw(1), 1_764_201_600 * SECOND, 0);
    for _ in 0..20_000 {
        now += draw.below(900_000) as Micros;
        let used_of = |log: &[(Micros, i64)], window: &Window| {
            let begins = now / window.length * window.length;
            log.iter().filter(|(time, _)| *time >= begins).fold(0, |sum: i64, (_, amount)| (sum + amount).max(0))
        };
        if draw.below(8) == 0 {
            let amount = if draw.below(2) == 0 { TAKER_REFUND } else { MAKER_REFUND };
            windows.refund(now, amount);
            log.push((now, -i64::from(amount)));
        } else {
            let amount = 1 + draw.below(3) as u32;
            let verdict = windows.take(now, amount);
            let full: Vec<&Window> =
                limits.iter().filter(|window| used_of(&log, window) + i64::from(amount) > i64::from(window.limit)).collect();
            match full.iter().map(|window| (now / window.length + 1) * window.length).max() {
                None => {
                    assert_eq!(verdict, Verdict::Allowed);
                    log.push((now, i64::from(amount)));
                }
                Some(end) => {
                    refused += 1;
                    assert!(matches!(verdict, Verdict::Wait { until, .. } if until == end), "{verdict:?}, {end}");
                }
            }
        }
        log.retain(|(time, _)| now - time < 120 * SECOND);
        let told: Vec<i64> = windows.used(now).map(|(_, used)| i64::from(used)).collect();
        assert_eq!(told, limits.iter().map(|window| used_of(&log, window)).collect::<Vec<_>>());
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn the_venues_own_examples_of_refunds_hold() {
    // "Spot Unfilled Order Count Rules", examples 1 and 2: an order each second; what is counted after it.
    let mut orders = Windows::new(&[Window { length: 10 * SECOND, limit: 100 }]);
    let mut used = |now: Micros, places: u32, refunds: u32| {
        assert!(orders.take(now, places).is_allowed());
        orders.refund(now, refunds);
        orders.used(now).map(|(_, used)| used).next()
    };
    assert_eq!([used(1, 1, 0), used(2, 1, TAKER_REFUND), used(3, 1, 0), used(5, 1, TAKER_REFUND)], [Some(1), Some(1), Some(2), Some(2)]);
    assert_eq!(
        [used(10 * SECOND, 5, MAKER_REFUND), used(10 * SECOND + 1, 2, 0), used(10 * SECOND + 2, 0, MAKER_REFUND)],
        [Some(0), Some(2), Some(0)]
    );
}

#[test]
fn a_refused_request_counts_and_a_refused_order_does_not() {
    let limit = [Window { length: 60 * SECOND, limit: 10 }];
    let (mut weight, mut orders) = (Windows::new(&limit), Windows::new(&limit));
    assert!(weight.count(5, 10).is_allowed() && orders.take(5, 10).is_allowed());
    let wait = Verdict::Wait { until: 60 * SECOND, limit: 0 };
    assert_eq!((weight.count(6, 5), orders.take(6, 5)), (wait, wait));
    assert_eq!((weight.used(7).next(), orders.used(7).next()), (Some((limit[0], 15)), Some((limit[0], 10))));
    assert_eq!(wait.retry_after_s(6), Some(60));
    assert!(weight.count(60 * SECOND, 10).is_allowed(), "the next minute is a new window");
}

#[test]
fn a_draining_counter_is_what_the_history_says() {
    // The intermediate tier: 125 points, 2.34 a second.
    let mut decay = Decay::new(125, 2_340_000);
    let (mut draw, mut now, mut level, mut then, mut refused) = (Draw(2), 1_764_201_600 * SECOND, 0_i128, 0, 0);
    // The model counts in points × 10⁶ × 10⁶: exact, and never rounded.
    const FINE: i128 = 1_000_000_000_000;
    for _ in 0..50_000 {
        now += draw.below(2 * SECOND as u64) as Micros;
        level = (level - 2_340_000 * i128::from(now - then)).max(0);
        then = now;
        let age = draw.below(400 * SECOND as u64) as Micros;
        let action = [Action::Add, Action::Amend(age), Action::Edit(age), Action::Cancel(age), Action::Other(7)][draw.below(5) as usize];
        let cost = i128::from(action.cost()) * FINE;
        let fits = level + cost <= 125 * FINE;
        let verdict = decay.take(now, action);
        assert_eq!(verdict.is_allowed(), fits, "{level} {cost} {verdict:?}");
        if fits {
            level += cost;
        } else {
            refused += 1;
            let Verdict::Wait { until, .. } = verdict else { panic!("no ban here") };
            assert_eq!(i128::from(until - now), (level + cost - 125 * FINE + 2_339_999) / 2_340_000);
        }
        assert_eq!(i128::from(decay.level(now)), level / 1_000_000);
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn young_orders_cost_more_to_cancel() {
    let at = |seconds: i64| [Action::Amend, Action::Edit, Action::Cancel].map(|action| action(seconds * SECOND).cost());
    assert_eq!([0, 5, 10, 15, 45, 90, 300].map(at), [[4, 7, 8], [3, 6, 6], [2, 5, 5], [1, 3, 4], [1, 2, 2], [1, 1, 1], [1, 1, 0]]);
    assert_eq!(Action::Cancel(5 * SECOND - 1).cost(), 8);
}

#[test]
fn any_second_has_no_more_than_the_limit() {
    let mut rolling = Rolling::new(SECOND, 10);
    let (mut draw, mut now, mut passed) = (Draw(3), 0, Vec::<Micros>::new());
    let mut refused = 0;
    for _ in 0..50_000 {
        now += draw.below(150_000) as Micros;
        let within: Vec<Micros> = passed.iter().copied().filter(|time| now - time < SECOND).collect();
        let verdict = rolling.take(now);
        if within.len() < 10 {
            assert_eq!(verdict, Verdict::Allowed);
            passed.push(now);
        } else {
            refused += 1;
            assert_eq!(verdict, Verdict::Wait { until: within[within.len() - 10] + SECOND, limit: 0 });
        }
        passed.retain(|time| now - time < 2 * SECOND);
        assert_eq!(rolling.used(now), passed.iter().filter(|time| now - **time < SECOND).count());
    }
    assert!(refused > 1_000, "{refused}");
    assert!(!Rolling::new(SECOND, 0).take(0).is_allowed());
}

#[test]
fn a_window_opens_with_its_first_request() {
    let mut window = Opened::new(2 * SECOND, 30);
    let (mut draw, mut now, mut log) = (Draw(4), 0, Vec::<(Micros, u32)>::new());
    // The model: windows found anew from the list of all requests, refused ones included, for they open windows too.
    let mut begun: Option<Micros> = None;
    let mut refused = 0;
    for _ in 0..50_000 {
        now += draw.below(250_000) as Micros;
        let amount = 1 + draw.below(5) as u32;
        if begun.is_none_or(|begun| now >= begun + 2 * SECOND) {
            begun = Some(now);
            log.clear();
        }
        let used: u32 = log.iter().map(|(_, amount)| amount).sum();
        let verdict = window.take(now, amount);
        if used + amount <= 30 {
            assert_eq!(verdict, Verdict::Allowed);
            log.push((now, amount));
        } else {
            refused += 1;
            assert_eq!(verdict, Verdict::Wait { until: begun.unwrap_or(0) + 2 * SECOND, limit: 0 });
        }
        assert_eq!(window.used(now), log.iter().map(|(_, amount)| amount).sum::<u32>());
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn those_who_go_on_are_banned_for_longer_and_longer_up_to_three_days() {
    let mut ban = Ban::default();
    let (mut now, mut lengths) = (0, Vec::new());
    for _ in 0..8 {
        for _ in 1..PATIENCE {
            now += SECOND;
            assert_eq!(ban.refused(now), None);
        }
        now += SECOND;
        let until = ban.refused(now).expect("banned");
        assert_eq!((ban.until(until - 1), ban.until(until)), (Some(until), None));
        lengths.push((until - now) / SECOND / 60);
        now = until;
    }
    assert_eq!(lengths, [2, 8, 32, 128, 512, 2_048, 4_320, 4_320]);
    assert_eq!((SHORTEST / SECOND, LONGEST / SECOND), (120, 259_200));
    now += FORGET + SECOND;
    let again = (0..PATIENCE).find_map(|at| ban.refused(now + Micros::from(at)));
    assert_eq!(again.map(|until| (until - now) / SECOND / 60), Some(2), "what is long ago is forgotten");
}

#[test]
fn refused_requests_with_pauses_are_no_ban() {
    let mut ban = Ban::default();
    assert!((1..100).all(|at| ban.refused(at * 61 * SECOND).is_none()));
}

#[test]
fn an_address_is_warned_then_banned_and_free_again() {
    let limits = Profile::binance_spot().rate_limits;
    let of = |kind| Window::all(&limits, kind);
    let mut address = PerAddress::new(&of("REQUEST_WEIGHT"), &of("RAW_REQUESTS"));
    assert!((0..6_000).all(|at| address.ask(at, 1).is_allowed()));
    let refused: Vec<Verdict> = (0..i64::from(PATIENCE)).map(|at| address.ask(10_000 + at, 1)).collect();
    assert!(refused[..PATIENCE as usize - 1].iter().all(|verdict| *verdict == Verdict::Wait { until: 60 * SECOND, limit: 0 }));
    let Some(Verdict::Banned { until }) = refused.last().copied() else { panic!("not banned") };
    assert_eq!(address.ask(until - 1, 1), Verdict::Banned { until });
    assert!(address.ask(until, 1).is_allowed());
}
