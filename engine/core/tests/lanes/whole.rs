//! Whole runs of random orders on random bars: cutting, restart, the order of the list and the heap change nothing.
use super::case::*;
use super::random::*;
use bot4_engine::replay::Replay;
use proptest::prelude::*;

/// Everything a run leaves: fills, ends of orders, equity, state.
fn outcome(case: &Random, block: usize) -> (Vec<String>, Vec<i64>, [u8; 32]) {
    case.with(|market, program, config| {
        let mut replay = Replay::new(market, program, config, &[], block).unwrap();
        assert_eq!(replay.run(|_| true), Ok(true));
        replay.records.sort();
        let mut lines: Vec<String> = replay.records.fills.iter().map(|f| format!("{f:?}")).collect();
        lines.extend(replay.records.orders.iter().map(|o| format!("{o:?}")));
        lines.extend(replay.records.keyed.iter().map(|k| format!("{k:?}")));
        (lines, replay.equity.clone(), replay.hash())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_and_any_order_of_the_list_give_the_same_bits(seed in any::<u64>()) {
        let case = Random::new(seed);
        let whole = outcome(&case, 1_024);
        for block in [1, 7] {
            prop_assert!(outcome(&case, block) == whole, "block {block}");
        }
        let mut turned = case.clone();
        turned.orders.reverse();
        prop_assert!(outcome(&turned, 0) == whole, "the list turned around");
    }

    #[test]
    fn saved_in_the_middle_and_restored_it_ends_the_same(seed in any::<u64>(), part in 1usize..290) {
        let case = Random::new(seed);
        case.with(|market, program, config| {
            let fresh = || Replay::new(market, program, config, &[], 64).unwrap();
            let (mut whole, mut first, mut second) = (fresh(), fresh(), fresh());
            whole.run(|_| true).unwrap();
            let mut taken = 0;
            while taken < part {
                match first.advance(part - taken).unwrap() {
                    0 => break,
                    steps => taken += steps,
                }
            }
            let bytes = first.save();
            second.load(&bytes).unwrap();
            assert_eq!(second.hash(), first.hash());
            second.run(|_| true).unwrap();
            assert_eq!(second.hash(), whole.hash(), "seed {seed}, cut at {part}");
            assert_eq!([first.records.fills, second.records.fills].concat(), whole.records.fills);
            assert_eq!([first.records.keyed, second.records.keyed].concat(), whole.records.keyed);
            let mut short = fresh();
            assert!(short.load(&bytes[..bytes.len() - 1]).is_err());
        });
    }
}

#[test]
fn random_cases_trade_in_every_realism() {
    let mut rules = std::collections::BTreeSet::new();
    for seed in 0..60 {
        let (lines, ..) = outcome(&Random::new(seed), 0);
        rules.extend(lines.iter().filter_map(|line| line.split("rule: ").nth(1)).map(|rest| rest.split(',').next().unwrap().to_string()));
    }
    for rule in ["Open", "OpenLimit", "GapLimit", "Through", "Touch", "Trigger", "GapTrigger"] {
        assert!(rules.contains(rule), "{rule} among {rules:?}");
    }
    assert_eq!(NAIVE, "naive");
}
