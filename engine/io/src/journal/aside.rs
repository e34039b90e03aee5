//! Files beside the segments: snapshots, each whole or not to be trusted; what is in them is the host's.
//!
//! A file stands under its name from its first byte on, so a crash may leave a part of it: whoever reads one checks it.

use super::error::JournalError;
use super::writer::Durability;
use crate::disk::{Disk, DiskFile};

/// Returns the name of the snapshot after so many rows.
pub fn snapshot_name(rows: u64) -> String {
    format!("snapshot-{rows:012}.b4s")
}

/// Returns the rows of all snapshots of a folder, fewest first.
///
/// # Errors
/// Returns why the folder cannot be listed.
pub fn snapshots<D: Disk>(disk: &D) -> Result<Vec<u64>, JournalError> {
    let names = disk.names().map_err(|e| JournalError::io("list its files", e))?;
    let digits = names.iter().filter_map(|name| name.strip_prefix("snapshot-")?.strip_suffix(".b4s"));
    let mut found: Vec<u64> = digits.filter(|digits| digits.len() == 12).filter_map(|digits| digits.parse().ok()).collect();
    found.sort_unstable();
    Ok(found)
}

/// Writes a file; under [`Durability::Fsync`] it is durable when this returns. One of that name is replaced.
///
/// # Errors
/// Returns why the disk refused.
pub fn write_aside<D: Disk>(disk: &D, durability: Durability, name: &str, bytes: &[u8]) -> Result<(), JournalError> {
    let names = disk.names().map_err(|e| JournalError::io("list its files", e))?;
    if names.iter().any(|known| known == name) {
        remove_aside(disk, name)?;
    }
    let mut file = disk.create(name, bytes.len() as u64).map_err(|e| JournalError::io("make a snapshot", e))?;
    file.write_at(bytes, 0).map_err(|e| JournalError::io("write a snapshot", e))?;
    if durability == Durability::PageCache {
        return Ok(());
    }
    file.sync().map_err(|e| JournalError::io("sync a snapshot", e))?;
    disk.sync_names().map_err(|e| JournalError::io("sync its folder", e))
}

/// Reads a file.
///
/// # Errors
/// Returns why the disk refused.
pub fn read_aside<D: Disk>(disk: &D, name: &str) -> Result<Vec<u8>, JournalError> {
    let file = disk.open(name, true).map_err(|e| JournalError::io("open a snapshot", e))?;
    let size = file.size().map_err(|e| JournalError::io("read a snapshot", e))?;
    let mut bytes = vec![0; size as usize];
    file.read_at(&mut bytes, 0).map_err(|e| JournalError::io("read a snapshot", e))?;
    Ok(bytes)
}

/// Removes a file.
///
/// # Errors
/// Returns why the disk refused.
pub fn remove_aside<D: Disk>(disk: &D, name: &str) -> Result<(), JournalError> {
    disk.remove(name).map_err(|e| JournalError::io("remove a snapshot", e))
}
