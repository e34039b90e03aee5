//! Which mutant is active. Stands only in the copy that `scripts/mutants` builds; never part of Bot4.
//!
//! `BOT4_MUTANT=7` makes number 7 the active one, `BOT4_MUTANT=record:FILE` appends the number of each one reached, four bytes each.
//! With `BOT4_MUTANT_ABORT` the first panic ends the process: a test that fails decides.

use std::fs::File;
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

const RECORDING: u32 = u32::MAX;
const COUNT: usize = 1 << 14;
static ACTIVE: AtomicU32 = AtomicU32::new(0);
static REACHED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static RECORD: OnceLock<File> = OnceLock::new();

/// Returns whether mutant `number` (from 1) is active.
#[inline(always)]
pub(crate) fn on(number: u32) -> bool {
    let active = ACTIVE.load(Relaxed);
    if active == RECORDING {
        reached(number);
    }
    active == number
}

#[cold]
#[inline(never)]
fn reached(number: u32) {
    if !REACHED[number as usize].swap(true, Relaxed) {
        let mut file = RECORD.get().expect("opened before main");
        file.write_all(&number.to_le_bytes()).expect("the record is written");
    }
}

/// Reads the environment before `main`, so that tests that count allocations see none of it.
extern "C" fn begin() {
    let Ok(wanted) = std::env::var("BOT4_MUTANT") else { return };
    if let Some(path) = wanted.strip_prefix("record:") {
        let file = File::options().append(true).create(true).open(path).expect("the record opens");
        RECORD.set(file).expect("begun once");
        ACTIVE.store(RECORDING, Relaxed);
    } else {
        ACTIVE.store(wanted.parse().expect("BOT4_MUTANT is a number"), Relaxed);
    }
    if std::env::var_os("BOT4_MUTANT_ABORT").is_some() {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
    }
}

#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static BEGIN: extern "C" fn() = begin;
