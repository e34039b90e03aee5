//! The journal of a real run, crashed before every operation of its disk, torn at every byte of its last records, and damaged: what was
//! acknowledged is there, the state made from it is that of the run, and no damage passes in silence.
//!
//! Continuous integration runs a script of 2,000 events; more by `BOT4_JOURNAL_EVENTS=20000 cargo test --release -p bot4-host --test journal_proof`.

mod kept;

use bot4_host::journal::{Pair, Sink, Start, Terms, Wanted, replay};
use bot4_io::journal::format::{BLOCK_HEAD, BlockHead, CHAIN, DATA_AT, Kind};
use bot4_io::journal::{Durability, JournalError, Writer, verify};
use kept::disk::{Files, Left, Traced};
use kept::{Pace, Trail, World, Written, keep, read};
use std::rc::Rc;

const SEGMENT: u64 = 32 << 10;
const BOTH: &[Start] = &[Start::First, Start::Newest];

/// A run on a disk that remembers, with what stands in both journals.
struct Kept {
    disk: Traced,
    trail: Trail,
    control: Vec<Written>,
    tape: Vec<Written>,
}

fn events() -> usize {
    std::env::var("BOT4_JOURNAL_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

fn terms(durability: Durability) -> Terms {
    Terms { durability, segment_bytes: SEGMENT, tape_bytes: None }
}

fn run(seed: u64, events: usize, durability: Durability) -> Kept {
    let disk = Traced::default();
    // About seven records come of a row of the grid.
    let world = World::new(seed, events / 7);
    let trail = keep(&world, &disk, terms(durability), Pace { commit: 3, snapshot: 64 }, || disk.operations()).expect("a run");
    let (control, tape) = (read(&disk, Kind::Control).expect("right"), read(&disk, Kind::Tape).expect("right"));
    Kept { disk, trail, control, tape }
}

/// Starts on what a crash left; says how many records there are of both journals, and compares each with what the run wrote.
fn start(kept: &Kept, left: &Traced, durability: Durability, case: &str) -> (usize, usize) {
    for kind in [Kind::Control, Kind::Tape] {
        drop(Writer::open(left.clone(), kind, durability, SEGMENT).unwrap_or_else(|e| panic!("{case}: {e}")));
    }
    let control = read(left, Kind::Control).unwrap_or_else(|e| panic!("{case}: {e}"));
    let tape = read(left, Kind::Tape).unwrap_or_else(|e| panic!("{case}: {e}"));
    assert!(kept.control.starts_with(&control) && kept.tape.starts_with(&tape), "{case}: other records");
    (control.len(), tape.len())
}

/// The state made from what is there must be the run's after as many rows, whether from the first row or from the newest snapshot. Returns how
/// many began at a snapshot.
fn recovers(kept: &Kept, left: &Traced, from: &[Start], case: &str) -> usize {
    let mut begun = 0;
    for &start in from {
        let done = replay(left, Wanted { start, until: None }).unwrap_or_else(|e| panic!("{case}, {start:?}: {e:?}"));
        assert_eq!(done.check.state, kept.trail.states[done.check.rows as usize], "{case}, {start:?}: {} rows", done.check.rows);
        assert_eq!(done.difference, None, "{case}, {start:?}");
        begun += usize::from(done.begun > 0);
    }
    begun
}

#[test]
fn a_crash_before_every_operation_of_a_run_loses_nothing_acknowledged() {
    for (durability, all) in
        [(Durability::Fsync, &[Left::All, Left::Nothing, Left::Garbage(100)][..]), (Durability::PageCache, &[Left::All])]
    {
        let kept = run(7, events(), durability);
        assert!(kept.control.len() + kept.tape.len() >= events(), "{} and {} records", kept.control.len(), kept.tape.len());
        assert!(kept.disk.files().len() > 8, "several segments of both journals, and snapshots");
        let mut snapshots = 0;
        kept.disk.crashes(
            0,
            &Files::new(),
            |_| all.to_vec(),
            |point, left, disk| {
                let case = format!("{durability:?}, crash before operation {point}, {left:?}");
                let before = kept.trail.acknowledged.iter().rev().find(|at| at.0 <= point);
                let (control, tape) = start(&kept, &disk, durability, &case);
                let &(_, acknowledged, taped) = before.unwrap_or(&(0, 0, 0));
                assert!(control as u64 >= acknowledged && tape as u64 >= taped, "{case}: {control} and {tape} records");
                if control > 0 && left == all[point % all.len()] {
                    snapshots +=
                        recovers(&kept, &disk, if point % 8 == 0 { &[Start::First, Start::Newest] } else { &[Start::Newest] }, &case);
                }
            },
        );
        assert!(snapshots > kept.disk.operations() / 3, "most recoveries begin at a snapshot: {snapshots}");
    }
}

#[test]
fn every_byte_of_the_last_records_torn_in_four_ways_is_cut() {
    let kept = run(7, 700, Durability::Fsync);
    // What stood in the blocks before: another run's journal, right in itself.
    let stale = run(8, 700, Durability::Fsync).disk.files();
    // The last block of each journal, and the marks that acknowledge them.
    let writes: Vec<usize> = (0..kept.disk.operations()).filter(|&at| kept.disk.written(at).is_some()).collect();
    let torn_at = &writes[writes.len() - 5..];
    let mut torn = 0;
    let ways = |point: usize| {
        let Some(at) = point.checked_sub(1).filter(|at| torn_at.contains(at)) else { return Vec::new() };
        let all = |byte| [Left::Zeros(byte), Left::Garbage(byte), Left::Stale(byte), Left::Truncated(byte)];
        (0..=kept.disk.written(at).expect("a write")).flat_map(all).collect()
    };
    kept.disk.crashes(torn_at[0], &stale, ways, |point, left, disk| {
        let case = format!("operation {} torn, {left:?}", point - 1);
        let before = kept.trail.acknowledged.iter().rev().find(|at| at.0 < point).expect("a commit");
        let (control, tape) = start(&kept, &disk, Durability::Fsync, &case);
        assert!(control as u64 >= before.1 && tape as u64 >= before.2, "{case}: {control} and {tape} records");
        if torn % 16 == 0 {
            recovers(&kept, &disk, &[Start::Newest], &case);
        }
        torn += 1;
    });
    assert!(torn > 1_000, "{torn} tears");
}

/// Says whether a damaged folder is found out: by `verify`, with a place; or, where it can be repaired, with a note and without a loss. A replay may
/// then only refuse, or come to the run's end.
fn is_found(kept: &Kept, disk: &Traced, starts: &[Start], case: &str) -> bool {
    let end = kept.trail.states.last().expect("a run has a state");
    for &start in starts {
        match replay(disk, Wanted { start, until: None }) {
            Err(_) => {}
            Ok(done) => assert!(done.difference.is_none() && done.check.state == *end, "{case}: a silent start"),
        }
    }
    let mut is_found = false;
    for (kind, records) in [(Kind::Control, &kept.control), (Kind::Tape, &kept.tape)] {
        match verify(disk, kind) {
            Err(_) => is_found = true,
            Ok(report) => {
                assert_eq!(report.next, records.len() as u64, "{case}");
                is_found |= !report.notes.is_empty();
            }
        }
    }
    is_found
}

#[test]
fn flipped_bits_all_over_a_run_are_found_and_none_starts_in_silence() {
    let kept = run(7, events(), Durability::Fsync);
    let files = kept.disk.files();
    let bits: usize = files.values().map(|bytes| bytes.len() * 8).sum();
    let wanted = 2_000.max(events() / 2);
    let (mut flips, mut seed) = (0, 1_u64);
    for (name, bytes) in &files {
        for _ in 0..1 + wanted * bytes.len() * 8 / bits {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bit = (seed >> 20) as usize % (bytes.len() * 8);
            let mut wrong = files.clone();
            Rc::make_mut(wrong.get_mut(name).expect("it is there"))[bit / 8] ^= 1 << (bit % 8);
            let disk = Traced::of(wrong);
            let case = format!("{name}, bit {bit}");
            if name.starts_with("snapshot") {
                assert!(!is_found(&kept, &disk, BOTH, &case), "the journals are right");
                let rows: u64 = name[9..21].parse().expect("rows");
                let done = replay(&disk, Wanted { start: Start::Newest, until: None }).expect("an older one serves");
                let newest = files.keys().rfind(|name| name.starts_with("snapshot"));
                assert!(newest != Some(name) || (done.begun < rows && done.notes.len() == 1), "{case}: passed over, and said so");
            } else {
                // To start on it costs more than to verify it: every fourth.
                assert!(is_found(&kept, &disk, if flips % 4 == 0 { BOTH } else { &[] }, &case), "{case}");
            }
            flips += 1;
        }
    }
    assert!(flips >= wanted, "{flips} flips");
}

fn blocks(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut found) = (DATA_AT as usize, Vec::new());
    while at + BLOCK_HEAD <= bytes.len() {
        let Ok(head) = BlockHead::decode(bytes[at..at + BLOCK_HEAD].try_into().expect("sized")) else { break };
        let size = BLOCK_HEAD + head.bytes as usize + CHAIN;
        found.push((at, size));
        at += size;
    }
    found
}

#[test]
fn swapped_and_repeated_records_and_blocks_of_a_run_are_found_with_their_place() {
    let kept = run(7, events(), Durability::Fsync);
    let files = kept.disk.files();
    let (mut changes, mut refused) = (0, 0);
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".b4j")) {
        let found = blocks(bytes);
        for (number, &(at, size)) in found.iter().enumerate().step_by(7) {
            let other = found[(number * 31 + 5) % found.len()];
            let record = at + BLOCK_HEAD;
            let length = u32::from_le_bytes(bytes[record..record + 4].try_into().expect("four")) as usize;
            let length = (40 + length).next_multiple_of(8);
            let swapped = [&bytes[other.0..other.0 + other.1], &bytes[at..at + size]].concat();
            let twice = [&bytes[record..record + length], &bytes[record..record + length]].concat();
            let edits: [(usize, Vec<u8>); 4] = [
                (at, bytes[other.0..other.0 + other.1].to_vec()), // another block over it
                (at, swapped),                                    // both, the other way round
                (record, twice),                                  // a record twice
                (record, bytes[other.0 + BLOCK_HEAD..other.0 + other.1 - CHAIN].to_vec()), // another block's records
            ];
            for (edit, (to, new)) in edits.into_iter().enumerate() {
                let mut wrong = bytes.as_ref().clone();
                let room = new.len().min(bytes.len() - to);
                wrong[to..to + room].copy_from_slice(&new[..room]);
                if wrong == **bytes {
                    continue;
                }
                let disk = Traced::of(
                    files.clone().into_iter().map(|(n, b)| if n == *name { (n, Rc::new(wrong.clone())) } else { (n, b) }).collect(),
                );
                let case = format!("{name}, block {number}, edit {edit}");
                assert!(is_found(&kept, &disk, BOTH, &case), "{case}");
                let kind = if name.starts_with("control") { Kind::Control } else { Kind::Tape };
                match verify(&disk, kind) {
                    Err(JournalError::Corrupt { place, .. }) => {
                        assert!(place.file == *name && place.offset <= (to + room) as u64, "{case}: {place}");
                        refused += 1;
                    }
                    other => panic!("{case}: {other:?}"),
                }
                changes += 1;
            }
        }
    }
    assert!(changes > 100 && refused == changes, "{changes} changes");
}

#[test]
fn a_state_made_from_any_snapshot_is_that_of_the_run() {
    let kept = run(7, events(), Durability::Fsync);
    let mut files = kept.disk.files();
    let mut begun = Vec::new();
    while let Some(newest) = files.keys().rfind(|name| name.starts_with("snapshot")).cloned() {
        let disk = Traced::of(files.clone());
        let done = replay(&disk, Wanted { start: Start::Newest, until: None }).expect("right");
        assert_eq!(done.difference, None, "from {newest}");
        assert_eq!(Some(&done.check.state), kept.trail.states.last(), "from {newest}");
        begun.push(done.begun);
        files.remove(&newest);
    }
    assert!(begun.len() > 3 && begun.iter().all(|rows| rows % 64 == 0), "{begun:?}");
}

#[test]
fn a_folder_that_holds_a_run_takes_no_second_one() {
    let kept = run(7, 200, Durability::PageCache);
    let held = Pair::begin(kept.disk.clone(), terms(Durability::PageCache)).err().expect("refused");
    assert!(matches!(held, JournalError::Held { records } if records == kept.control.len() as u64), "{held}");
    let mut fresh = Pair::begin(Traced::default(), terms(Durability::PageCache)).expect("a new folder");
    assert_eq!((fresh.next(Kind::Control), fresh.next(Kind::Tape)), (0, 0));
    fresh.settle().expect("nothing to write");
}
