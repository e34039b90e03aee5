//! The journal: an append-only log of numbered records, in segments of blocks, that survives a crash at any byte.
//!
//! ```text
//! segment  control-00000000.b4j
//!   0      head: magic, format, kind, index, first number, chain before the first block, CRC32C
//!   512    mark A  where the committed blocks end, next number, chain there, CRC32C
//!   1024   mark B  (marks are written in turn)
//!   4096   block, block, … zeros
//! block    head: magic, bytes, records, first number, own offset, CRC32C │ records │ chain = BLAKE3(chain before ‖ head ‖ records)
//! record   head: bytes, CRC32C, kind, version, number, time, tape number │ payload │ zeros to a multiple of 8
//! ```
//!
//! A block is what one commit made durable, and a mark is written only after its block is. So a block that ends before a mark and is
//! wrong is *corrupt*, and refused with its offset; one beyond the last mark that is wrong was never acknowledged, is *torn*, and is cut.
//! A right block beyond the last mark is kept: a crash came between it and its mark. Segments that are full are sealed after the next
//! one exists, so a missing file is found too. Numbers, offsets and times are little-endian; the page docs/journal.md has the table of
//! cases.

pub mod aside;
mod cursor;
mod error;
pub mod format;
mod recover;
mod scan;
mod segment;
mod writer;

pub use cursor::Cursor;
pub use error::{JournalError, Place};
pub use recover::{Cut, Recovered};
pub use scan::{Block, Record, Records, Report, verify};
pub use writer::{Durability, Writer};
