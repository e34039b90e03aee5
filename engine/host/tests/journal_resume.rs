//! A run that goes on with the journal of one that was cut off: what is there is met again record by record, what is missing is appended, and the
//! files are in the end those of a run that nothing happened to.

mod kept;

use bot4_host::journal::{Pair, RunError, Start, Terms, Wanted, replay};
use bot4_io::disk::{Disk, Folder};
use bot4_io::journal::aside::snapshots;
use bot4_io::journal::format::{BLOCK_HEAD, BlockHead, CHAIN, DATA_AT, Kind};
use bot4_io::journal::{Durability, JournalError, Writer, verify};
use kept::disk::{Files, Left, Traced};
use kept::{Pace, World, keep, keep_in, read};

const SEGMENT: u64 = 32 << 10;
const PACE: Pace = Pace { commit: 3, snapshot: 64 };

fn terms(durability: Durability) -> Terms {
    Terms { durability, segment_bytes: SEGMENT, tape_bytes: None }
}

#[test]
fn a_run_that_goes_on_after_a_crash_ends_with_the_journal_of_one_that_had_none() {
    let world = World::new(7, 150);
    for (durability, left) in
        [(Durability::Fsync, &[Left::All, Left::Nothing, Left::Garbage(100)][..]), (Durability::PageCache, &[Left::All])]
    {
        let disk = Traced::default();
        let trail = keep(&world, &disk, terms(durability), PACE, || 0).expect("a run");
        let whole = [Kind::Control, Kind::Tape].map(|kind| verify(&disk, kind).expect("right"));
        let (mut points, mut cut) = (0, 0);
        disk.crashes(
            0,
            &Files::new(),
            |point| if point % 7 == 3 { left.to_vec() } else { Vec::new() },
            |point, left, disk| {
                let case = format!("{durability:?}, crash before operation {point}, {left:?}");
                let (pair, found) = Pair::resume(disk.clone(), terms(durability)).unwrap_or_else(|e| panic!("{case}: {e}"));
                cut += found.iter().filter(|found| found.cut.is_some()).count();
                let again = keep_in(&world, pair, PACE, || 0).unwrap_or_else(|e| panic!("{case}: {e:?}"));
                assert_eq!(again.states.last(), trail.states.last(), "{case}");
                for (kind, whole) in [Kind::Control, Kind::Tape].into_iter().zip(&whole) {
                    let now = verify(&disk, kind).unwrap_or_else(|e| panic!("{case}: {e}"));
                    assert_eq!((now.next, now.chain), (whole.next, whole.chain), "{case}: {}", kind.word());
                }
                points += 1;
            },
        );
        assert!(points > 20 && (cut > 0 || durability == Durability::PageCache), "{points} crashes, {cut} cuts");
    }
}

#[test]
fn a_run_goes_on_with_a_tape_that_has_rotated_and_still_takes_snapshots() {
    let world = World::new(9, 600);
    let small = Terms { durability: Durability::PageCache, segment_bytes: 16 << 10, tape_bytes: Some(64 << 10) };
    let disk = Traced::default();
    keep(&world, &disk, small, PACE, || 0).expect("a run");
    let whole = verify(&disk, Kind::Tape).expect("right");
    assert!(whole.first > 0, "it has rotated");
    let newest = snapshots(&disk).expect("listed");
    let mut tried = 0;
    disk.crashes(
        0,
        &Files::new(),
        |point| if point % 97 == 50 { vec![Left::All] } else { Vec::new() },
        |point, _, disk| {
            let (pair, _) = Pair::resume(disk.clone(), small).unwrap_or_else(|e| panic!("crash before {point}: {e}"));
            keep_in(&world, pair, PACE, || 0).unwrap_or_else(|e| panic!("crash before {point}: {e:?}"));
            let now = verify(&disk, Kind::Tape).expect("right");
            assert_eq!((now.first, now.next, now.chain), (whole.first, whole.next, whole.chain), "crash before {point}");
            assert_eq!(snapshots(&disk).expect("listed").last(), newest.last(), "crash before {point}");
            let done = replay(&disk, Wanted { start: Start::Newest, until: None }).expect("right");
            assert!(done.difference.is_none() && done.begun > 0 && done.is_whole, "crash before {point}");
            tried += 1;
        },
    );
    assert!(tried > 3, "{tried}");
}

#[test]
fn another_run_is_refused_at_the_first_record_that_is_not_its_own_and_changes_nothing() {
    let disk = Traced::default();
    keep(&World::new(7, 60), &disk, terms(Durability::Fsync), PACE, || 0).expect("a run");
    let before = read(&disk, Kind::Control).expect("right");
    // The same setup over other bars: the tape is the first to differ. Another setup: the first record of all.
    for (world, wanted) in [(World::new(8, 60), ("tape", 0)), (World::thin(7, 60), ("control", 0))] {
        let (pair, _) = Pair::resume(disk.clone(), terms(Durability::Fsync)).expect("right");
        let refused = keep_in(&world, pair, PACE, || 0).err().expect("refused");
        let RunError::Journal(error @ JournalError::Other { kind, number }) = refused else { panic!("{refused:?}") };
        assert_eq!((kind, number), wanted);
        assert!(error.to_string().contains("is not what this run makes"), "{error}");
    }
    assert_eq!(read(&disk, Kind::Control).expect("right"), before);
}

/// Returns where the blocks of a segment begin, and where the last one ends.
fn blocks(bytes: &[u8]) -> Vec<usize> {
    let mut at = vec![DATA_AT as usize];
    while let Some(Ok(head)) =
        bytes.get(at[at.len() - 1]..at[at.len() - 1] + BLOCK_HEAD).map(|b| BlockHead::decode(b.try_into().expect("sized")))
    {
        at.push(at[at.len() - 1] + BLOCK_HEAD + head.bytes as usize + CHAIN);
    }
    at
}

#[test]
fn what_the_page_cache_lost_is_cut_where_that_is_accepted_and_the_run_goes_on() {
    let world = World::new(7, 150);
    let disk = Traced::default();
    keep(&world, &disk, terms(Durability::PageCache), PACE, || 0).expect("a run");
    let both = [Kind::Control, Kind::Tape];
    let whole = both.map(|kind| verify(&disk, kind).expect("right"));
    for (lost_in_part, kept) in [(false, 1), (false, 3), (true, 2)] {
        // The machine goes down: the newest blocks of both journals never came to the disk, their marks did.
        let mut files = disk.files();
        for kind in ["control", "tape"] {
            let (_, bytes) = files.iter_mut().rfind(|(name, _)| name.starts_with(kind)).expect("a segment");
            let bytes = std::rc::Rc::make_mut(bytes);
            let blocks = blocks(bytes);
            assert!(blocks.len() > 4, "{kind}: {blocks:?}");
            let from = blocks[kept] + if lost_in_part { 200 } else { 0 };
            bytes[from..].fill(0);
        }
        let left = Traced::of(files);
        let refused = Pair::resume(left.clone(), terms(Durability::PageCache)).err().expect("refused");
        if lost_in_part {
            // Not to be told from damage.
            assert!(matches!(refused, JournalError::Corrupt { .. }), "{refused}");
            assert!(both.iter().all(|&kind| Writer::repair(left.clone(), kind, true).is_err()), "what is corrupt is not touched");
            continue;
        }
        assert!(matches!(refused, JournalError::Lost { .. }), "{refused}");
        assert!(matches!(Writer::repair(left.clone(), Kind::Control, false), Err(JournalError::Lost { .. })), "not without being asked");
        for kind in both {
            let found = Writer::repair(left.clone(), kind, true).expect("repaired");
            assert!(found.cut.is_some(), "{}", kind.word());
            assert_eq!(verify(&left, kind).expect("right").notes, [""; 0]);
        }
        let (pair, _) = Pair::resume(left.clone(), terms(Durability::PageCache)).expect("right");
        keep_in(&world, pair, PACE, || 0).expect("it goes on");
        assert_eq!(both.map(|kind| verify(&left, kind).expect("right").chain), [whole[0].chain, whole[1].chain]);
    }
}

#[test]
fn a_folder_has_one_writer_and_the_second_is_told_which_process_that_is() {
    let folder = std::env::temp_dir().join(format!("bot4-claim-{}", std::process::id()));
    let disk = Folder::make(&folder).expect("a folder");
    let first = Pair::begin(disk.clone(), terms(Durability::PageCache)).expect("nobody writes");
    let said = Pair::begin(disk.clone(), terms(Durability::PageCache)).err().expect("refused").to_string();
    assert!(said.starts_with(&format!("process {} (", std::process::id())) && said.contains("writes into this journal"), "{said}");
    assert!(Writer::repair(disk.clone(), Kind::Control, false).is_err_and(|e| matches!(e, JournalError::Taken { .. })));
    drop(first);
    assert!(disk.names().expect("listed").contains(&"control.lock".to_owned()), "what is left behind claims nothing");
    Pair::begin(disk, terms(Durability::PageCache)).expect("the first has ended");
    std::fs::remove_dir_all(folder).expect("removed");
}
