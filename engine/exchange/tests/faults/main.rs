//! Faults strike where, when and as often as the script says, and the same for the same calls.

use bot4_exchange::Micros;
use bot4_exchange::faults::script::Script;
use bot4_exchange::faults::{Change, Faults, OnMessage, OnRequest};

const START: Micros = 1_764_201_600_000_000;
const SECOND: Micros = 1_000_000;

fn faults(text: &str) -> Faults {
    Faults::new(Script::read(text).expect("a script"), START)
}

#[test]
fn a_fault_has_a_place_a_time_a_chance_and_a_most() {
    let text = "seed = 3\n[[fault]]\nkind = 'lost-answer'\nwhere = 'POST /api/v3/order'\nchance_ppm = 250_000\nfrom_s = 10\nuntil_s = 20\n";
    let mut all = faults(text);
    let lost =
        |faults: &mut Faults, at: Micros, place| (0..4_000).filter(|_| faults.request(START + at, place) == OnRequest::LoseAnswer).count();
    assert_eq!(lost(&mut all, 10 * SECOND - 1, "POST /api/v3/order"), 0);
    assert_eq!(lost(&mut all, 20 * SECOND, "POST /api/v3/order"), 0);
    assert_eq!(lost(&mut all, 15 * SECOND, "GET /api/v3/order"), 0);
    // 1,000 are expected; six standard deviations are 165.
    let count = lost(&mut all, 10 * SECOND, "POST /api/v3/order/cancelReplace");
    assert!((835..1_165).contains(&count), "{count}");
    assert_eq!(all.struck(), [("lost-answer", count as u32)]);
    let mut few = faults(&format!("{text}most = 3\n"));
    assert_eq!(lost(&mut few, 12 * SECOND, "POST /api/v3/order"), 3);
}

#[test]
fn the_same_script_and_calls_have_the_same_faults_and_one_more_changes_no_other() {
    let one = "seed = 9\n[[fault]]\nkind = 'drop'\nchance_ppm = 100_000\n";
    let two = format!("{one}[[fault]]\nkind = 'duplicate'\nchance_ppm = 500_000\n");
    let run = |text: &str| -> Vec<OnMessage> {
        let mut faults = faults(text);
        (0..3_000).map(|at| faults.message(START + at, "btcusdt@depth")).collect()
    };
    assert_eq!(run(one), run(one));
    let dropped = |messages: Vec<OnMessage>| messages.iter().map(|what| *what == OnMessage::Drop).collect::<Vec<_>>();
    assert_eq!(dropped(run(one)), dropped(run(&two)));
    assert_ne!(run(one), run(&one.replace("= 9", "= 10")));
}

#[test]
fn every_kind_of_request_fault_is_told_apart() {
    let told = |kind: &str, more: &str| faults(&format!("[[fault]]\nkind = '{kind}'\n{more}")).request(START, "GET /api/v3/time");
    assert_eq!(told("lost-request", ""), OnRequest::LoseRequest);
    assert_eq!(told("outage", ""), OnRequest::Away { status: 503, code: -1001 });
    assert_eq!(told("maintenance", ""), OnRequest::Away { status: 503, code: -1016 });
    assert_eq!(told("endpoint-down", "status = 502"), OnRequest::Away { status: 502, code: -1007 });
    assert_eq!(told("moved", ""), OnRequest::Moved);
    assert!(matches!(told("late-answer", "least_ms = 5\nmost_ms = 9"), OnRequest::Late(delay) if (5_000..=9_000).contains(&delay)));
    let mut unknown = faults("[[fault]]\nkind = 'unknown-state'\n");
    let done = (0..1_000).filter(|_| unknown.request(START, "") == OnRequest::Unknown { status: 503, is_done: true }).count();
    assert!((400..600).contains(&done), "done or not, as a coin falls: {done}");
    assert_eq!(faults("[[fault]]\nkind = 'drop'\n").request(START, ""), OnRequest::Pass);
}

#[test]
fn every_kind_of_message_fault_is_told_apart() {
    let told = |kind: &str, more: &str| faults(&format!("[[fault]]\nkind = '{kind}'\n{more}")).message(START, "userData");
    assert_eq!(told("duplicate", ""), OnMessage::Twice);
    assert_eq!(told("reorder", ""), OnMessage::Swap);
    assert_eq!(told("disconnect", ""), OnMessage::Disconnect);
    assert!(matches!(told("cut", ""), OnMessage::Cut(part) if part < 1_000));
    assert!(matches!(told("late", "most_ms = 20"), OnMessage::Late(delay) if delay <= 20_000));
    assert_eq!(told("outage", ""), OnMessage::Pass);
}

#[test]
fn a_gap_swallows_messages_in_a_row() {
    let mut faults = faults("[[fault]]\nkind = 'gap'\nwhere = 'btcusdt@depth'\nmost = 1\nlength = 4\n");
    let seen: Vec<bool> = (0..8).map(|at| faults.message(START + at, "btcusdt@depth") == OnMessage::Drop).collect();
    assert_eq!(seen, [true, true, true, true, false, false, false, false]);
}

#[test]
fn clock_snapshots_and_changes_follow_the_script() {
    let mut faults = faults(
        r#"
        [[fault]]
        kind = "clock-skew"
        skew_ms = -1500
        from_s = 5
        [[fault]]
        kind = "stale-snapshot"
        least_ms = 2000
        most_ms = 2000
        most = 1
        [[fault]]
        kind = "filters"
        symbol = "BTCUSDT"
        from_s = 60
        filters = [{ filterType = "PRICE_FILTER", minPrice = "0.1", maxPrice = "1000000", tickSize = "0.1" }]
        [[fault]]
        kind = "status"
        symbol = "BTCUSDT"
        to = "HALT"
        from_s = 61
        "#,
    );
    assert_eq!((faults.clock(START), faults.clock(START + 5 * SECOND)), (START, START + 3_500_000));
    assert_eq!((faults.snapshot_age(START, "depth"), faults.snapshot_age(START, "depth")), (2_000_000, 0));
    assert_eq!(faults.change(START + 59 * SECOND), None);
    assert!(
        matches!(faults.change(START + 60 * SECOND), Some(Change::Filters { symbol, filters }) if symbol == "BTCUSDT" && filters.len() == 1)
    );
    assert_eq!(faults.change(START + 60 * SECOND), None);
    let halt = Change::Status { symbol: "BTCUSDT".to_owned(), status: "HALT".to_owned() };
    assert_eq!((faults.change(START + 99 * SECOND), faults.change(START + 99 * SECOND)), (Some(halt), None));
}

#[test]
fn a_script_that_lacks_something_is_refused_with_its_place() {
    let cases = [
        ("[[fault]]\nkind = 'drop'\n[[fault]]\nkind = 'late'\n", "fault 2 (late) needs most_ms"),
        ("[[fault]]\nkind = 'clock-skew'\n", "fault 1 (clock-skew) needs skew_ms"),
        ("[[fault]]\nkind = 'drop'\nchance_ppm = 1_000_001\n", "fault 1 (drop) needs a chance_ppm of at most 1,000,000"),
        ("[[fault]]\nkind = 'drop'\nfrom_s = 5\nuntil_s = 5\n", "fault 1 (drop) needs an until_s after its from_s"),
        ("[[fault]]\nkind = 'outage'\nstatus = 200\n", "fault 1 (outage) needs a status from 500 to 599"),
        ("[[fault]]\nkind = 'filters'\nsymbol = 'A'\n", "fault 1 (filters) needs symbol and filters"),
        ("[[fault]]\nkind = 'status'\nsymbol = 'A'\n", "fault 1 (status) needs symbol and to"),
    ];
    for (text, why) in cases {
        assert_eq!(Script::read(text).err().as_deref(), Some(why));
    }
    for text in ["[[fault]]\nkind = 'nothing'\n", "[[fault]]\nkind = 'drop'\nchanse = 1\n", "seed = 'a'"] {
        assert!(Script::read(text).is_err_and(|why| why.starts_with("the script of faults is not readable: ")), "{text}");
    }
}
