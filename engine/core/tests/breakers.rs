//! Breakers of a desk: what is observed beside the bars trips them, and a command makes them trip earlier, never later.
use crate::support::hand::*;
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::breaker::settings::{Rules as Breaker, Settings};
use bot4_engine::desk::breaker::{BreakerKind, BreakerState, Trip};
use bot4_engine::desk::guard::policy::Policy;
use bot4_engine::desk::operator::{Action, Command, Effect};
use bot4_engine::desk::reason::{Cause, GuardState};
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::E9;
use bot4_engine::venue::observed::Observed;

fn breaker() -> Breaker {
    Breaker { window_ms: 4 * HOUR, min_calls: 1, cooldown_ms: 2 * HOUR, trials: 1, ..Breaker::default() }
}

/// A limit for each source that bars do not say.
fn settings() -> Settings {
    Settings {
        venue_of: vec![0, 0],
        venue: Some(Breaker { latency_ns: Some(5_000), ..breaker() }),
        account: Some(Breaker { position_drift: Some(3), drawdown_e9: Some(E9 / 2), ..breaker() }),
        feed: Some(Breaker { clock_skew_ms: Some(1_000), stale_ms: Some(90 * HOUR), ..breaker() }),
        symbol: Some(Breaker { spread_e9: Some(3 * E9), ..breaker() }),
        ..Settings::default()
    }
}

fn observed(kind: BreakerKind, index: u32, source: Trip, value: i64) -> Observed {
    Observed { from_ms: 3 * HOUR, to_ms: 5 * HOUR, kind, index, source, value }
}

fn with(observed: Vec<Observed>, commands: Vec<Command>) -> Config {
    let policy = Some(Policy { breakers: Some(settings()), ..Policy::default() });
    Config { policy, observed, commands, ..config(Realism::Strict) }
}

fn reload(hour: i64, settings: Settings) -> Command {
    Command { breakers: Some(Box::new(settings)), ..Command::new(hour * HOUR, Action::Reload, "ada".to_owned()) }
}

fn new_desk(config: &Config) -> Desk {
    desk(InstrumentKind::Linear, Rules::targets(TARGET, 2), config, false)
}

fn tables(rows: usize) -> World {
    let table = Table { bars: flat_bars(&vec![100.0; rows]), volume: 1e6, ..Table::default() };
    let rising = (0..rows).map(|row| 0.1 * (1 + row % 3) as f64).collect::<Vec<_>>();
    World(vec![Table { target: rising.clone(), ..table.clone() }, Table { target: rising, ..table }])
}

#[test]
fn each_source_that_bars_do_not_say_trips_at_its_limit_and_not_below() {
    let cases = [
        (BreakerKind::Feed, 1, Trip::ClockSkew, 1_000),
        (BreakerKind::Symbol, 0, Trip::Spread, 3 * E9),
        (BreakerKind::Venue, 0, Trip::Latency, 5_000),
        (BreakerKind::Account, 0, Trip::PositionDrift, 3),
        (BreakerKind::Feed, 0, Trip::StaleFeed, 90 * HOUR),
    ];
    for (kind, index, source, limit) in cases {
        let below = play(&mut new_desk(&with(vec![observed(kind, index, source, limit - 1)], vec![])), &tables(12));
        assert_eq!(below.breakers, [], "{source:?}");
        let records = play(&mut new_desk(&with(vec![observed(kind, index, source, limit)], vec![])), &tables(12));
        let first = &records.breakers[0];
        assert_eq!((first.ts / HOUR, first.kind, first.index, first.trip, first.value), (3, kind, index, source, limit));
        assert_eq!((first.from, first.to, first.limit), (BreakerState::Closed, BreakerState::Open, limit));
        let refused: Vec<_> = records.orders.iter().filter(|o| o.order.cause == Cause::Breaker).collect();
        assert!(refused.iter().any(|o| o.order.ts == 3 * HOUR), "{source:?}: nothing opens while it is open");
        let covered = |asset: u32| matches!(kind, BreakerKind::Venue | BreakerKind::Account) || asset == index;
        assert!(refused.iter().all(|o| covered(o.order.asset)), "{source:?}: the other instrument trades on");
        assert_eq!(records.breakers[1].to, BreakerState::HalfOpen, "{source:?}");
        assert_eq!(records.breakers.last().unwrap().to, BreakerState::Closed, "{source:?}: over by 5, it comes back");
    }
}

#[test]
fn a_command_makes_breakers_trip_earlier_and_is_refused_where_they_would_trip_later() {
    let skew = vec![observed(BreakerKind::Feed, 0, Trip::ClockSkew, 700)];
    let with_skew = |limit| Settings { feed: Some(Breaker { clock_skew_ms: limit, ..settings().feed.unwrap() }), ..settings() };
    let script = vec![reload(1, with_skew(Some(1_001))), reload(1, settings()), reload(2, with_skew(Some(700))), reload(9, settings())];
    let records = play(&mut new_desk(&with(skew, script)), &tables(12));
    let effects: Vec<_> = records.commands.iter().map(|r| (r.ts / HOUR, r.action, r.effect, r.from, r.to)).collect();
    let row = |hour, effect| (hour, Action::Reload, effect, GuardState::Normal, GuardState::Normal);
    assert_eq!(effects, [row(1, Effect::Refused), row(1, Effect::NoEffect), row(2, Effect::Applied), row(9, Effect::Refused)]);
    assert_eq!((records.breakers[0].trip, records.breakers[0].limit, records.breakers[0].value), (Trip::ClockSkew, 700, 700));
    assert_eq!(records.guard, [], "the guard's state is another matter");
}

/// Changes to the feed's breaker, each of which lets it trip later or come back sooner.
#[test]
fn every_setting_that_would_be_looser_is_refused() {
    let all = Breaker { error_rate_e9: Some(E9 / 2), failures: Some(5), storm: Some(9), ..settings().feed.unwrap() };
    let base = Settings { feed: Some(all.clone()), global_share_e9: Some(E9 / 2), ..settings() };
    let feed = |change: &dyn Fn(&mut Breaker)| {
        let mut rules = all.clone();
        change(&mut rules);
        Settings { feed: Some(rules), ..base.clone() }
    };
    let effect = |new: Settings| {
        let policy = Some(Policy { breakers: Some(base.clone()), ..Policy::default() });
        let config = Config { policy, commands: vec![reload(1, new)], ..config(Realism::Strict) };
        play(&mut new_desk(&config), &tables(3)).commands[0].effect
    };
    let looser: [Settings; 12] = [
        feed(&|r| r.clock_skew_ms = Some(1_001)),
        feed(&|r| r.clock_skew_ms = None),
        feed(&|r| r.stale_ms = Some(91 * HOUR)),
        feed(&|r| r.error_rate_e9 = Some(E9 / 2 + 1)),
        feed(&|r| r.failures = Some(6)),
        feed(&|r| r.storm = None),
        feed(&|r| r.min_calls = 2),
        feed(&|r| r.cooldown_ms = HOUR),
        feed(&|r| r.window_ms = 5 * HOUR),
        feed(&|r| r.trials = 2),
        Settings { global_share_e9: None, ..base.clone() },
        Settings { global_share_e9: Some(E9 / 2 + 1), ..base.clone() },
    ];
    for new in looser {
        assert_eq!(effect(new.clone()), Effect::Refused, "{new:?}");
    }
    let tighter: [Settings; 6] = [
        feed(&|r| r.clock_skew_ms = Some(999)),
        feed(&|r| r.failures = Some(4)),
        feed(&|r| r.storm = Some(8)),
        feed(&|r| r.error_rate_e9 = Some(E9 / 3)),
        feed(&|r| r.cooldown_ms = 3 * HOUR),
        Settings { global_share_e9: Some(E9 / 3), ..base.clone() },
    ];
    for new in tighter {
        assert_eq!(effect(new.clone()), Effect::Applied, "{new:?}");
    }
    assert_eq!(effect(Settings { symbol: None, ..base.clone() }), Effect::Refused, "a kind cannot go");
}

#[test]
fn a_desk_saved_after_a_reload_keeps_the_tighter_settings() {
    let tight = Settings { feed: Some(Breaker { clock_skew_ms: Some(700), ..settings().feed.unwrap() }), ..settings() };
    let skew = vec![observed(BreakerKind::Feed, 0, Trip::ClockSkew, 700)];
    let config = with(skew, vec![reload(1, tight)]);
    let (mut first, mut second) = (new_desk(&config), new_desk(&config));
    play(&mut first, &tables(2));
    let mut writer = Writer::default();
    first.save(&mut writer);
    let bytes = writer.finish();
    let mut reader = Reader::new(&bytes);
    second.load(&mut reader).unwrap();
    reader.finish().unwrap();
    second.breakers_mut().unwrap().measure(BreakerKind::Feed, 0, Trip::ClockSkew, 700);
    let mut changes = Vec::new();
    let equity = second.equity();
    second.breakers_mut().unwrap().look(9 * HOUR, equity, &mut changes);
    assert_eq!((changes[0].trip, changes[0].limit), (Trip::ClockSkew, 700));
}

#[test]
fn where_there_are_no_breakers_a_reload_is_refused() {
    let config = Config { commands: vec![reload(1, settings())], ..config(Realism::Strict) };
    let records = play(&mut new_desk(&config), &tables(3));
    assert_eq!(records.commands[0].effect, Effect::Refused);
}
