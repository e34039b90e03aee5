//! A desk's stream followed on the simulated venue: what each event becomes, and that a saved state goes on the same.
use crate::support::hand::*;
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::execution::simulated::Simulated;
use bot4_engine::desk::execution::states::{Effect, State};
use bot4_engine::desk::records::Records;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::venue::conditions::Condition;

/// Filled in parts, refused at 3 and 4 h, cancelled by a new target, filled.
fn world() -> (Config, World) {
    let refused = Condition { from_ms: 3 * HOUR, to_ms: 5 * HOUR, market: true, limit: false };
    let config = Config { conditions: vec![refused], ..config(Realism::Strict) };
    let targets = vec![0.3, 0.3, 0.5, 0.4, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0];
    let table = Table { bars: flat_bars(&[100.0; 10]), volume: 2.0, target: targets, ..Table::default() };
    (config, World(vec![table]))
}

type Told = (i64, u32, State, Effect, i64);

/// Takes the rows into a desk and its stream into the followed orders; returns what changed.
fn follow(rows: std::ops::Range<usize>, desk: &mut bot4_engine::desk::Desk, followed: &mut Simulated, world: &World) -> Vec<Told> {
    let mut told = Vec::new();
    for row in rows {
        let mut records = Records::default();
        step(desk, world, row, true, &mut records);
        let mut each = |change: bot4_engine::desk::execution::simulated::Change| {
            told.push((change.ts / HOUR, change.order, change.outcome.to, change.outcome.effect, change.filled));
        };
        records.stream.iter().for_each(|event| followed.take(event, &mut each).unwrap());
        followed.settle(&mut each);
        assert_eq!(followed.orders.position(0), desk.ledger().positions[0].lots, "row {row}");
        assert_eq!(followed.orders.len(), desk.working().count(), "what ended is forgotten, row {row}");
    }
    told
}

fn opened() -> (bot4_engine::desk::Desk, World) {
    let (config, world) = world();
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, 1), &config, false);
    desk.tell();
    (desk, world)
}

#[test]
fn each_event_of_the_desk_becomes_what_a_venue_would_say() {
    let (mut desk, world) = opened();
    let mut followed = Simulated::new(16, 1, 1, 7);
    let told = follow(0..10, &mut desk, &mut followed, &world);
    let of = |order: u32| told.iter().filter(|t| t.1 == order).map(|t| (t.0, t.2, t.3, t.4)).collect::<Vec<_>>();
    // Three coins, two a bar.
    let first = [
        (1, State::Pending, Effect::Note, 0),
        (1, State::Working, Effect::Note, 0),
        (1, State::PartlyFilled, Effect::Book, 2_000),
        (2, State::Filled, Effect::Book, 3_000),
    ];
    assert_eq!(of(0), first, "and nothing is said of a filled order's end");
    let refused = [(3, State::Pending, Effect::Note, 0), (3, State::Rejected, Effect::Note, 0)];
    assert_eq!(of(1), refused);
    assert!(told.iter().all(|t| t.3 != Effect::Conflict && t.3 != Effect::Ignore), "{told:?}");
    let ends: Vec<_> = told.iter().filter(|t| t.2.is_ended()).map(|t| (t.1, t.2)).collect();
    assert!(ends.contains(&(3, State::Cancelled)), "a new target took its place: {ends:?}");
    assert_eq!(ends.iter().map(|end| end.0).collect::<std::collections::BTreeSet<_>>().len(), ends.len(), "each ends once");
}

#[test]
fn saved_between_two_steps_it_goes_on_the_same() {
    let (mut desk, world) = opened();
    let mut whole = Simulated::new(16, 1, 1, 7);
    let mut all = follow(0..5, &mut desk, &mut whole, &world);
    let mut to = Writer::default();
    whole.save(&mut to);
    let bytes = to.finish();
    let mut second = Simulated::new(16, 1, 1, 7);
    let mut from = Reader::new(&bytes);
    second.load(&mut from).unwrap();
    from.finish().unwrap();
    assert_eq!(second.orders.hash(), whole.orders.hash());
    let (mut other, _) = opened();
    follow(0..5, &mut other, &mut Simulated::new(16, 1, 1, 7), &world);
    let rest = follow(5..10, &mut other, &mut second, &world);
    assert_eq!(rest, follow(5..10, &mut desk, &mut whole, &world));
    all.extend(rest);
    assert_eq!(second.orders.hash(), whole.orders.hash());
}
