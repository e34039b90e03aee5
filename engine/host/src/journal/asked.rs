//! What people asked for before a run was cut off: inputs that only the control journal holds.

use super::RunError;
use bot4_engine::desk::operator::Command;
use bot4_engine::journal::control;
use bot4_io::disk::Disk;
use bot4_io::journal::Records;
use bot4_io::journal::format::Kind;

/// Returns the commands of a control journal that were not scripted, in order, each with the decision at which it was obeyed.
///
/// # Errors
/// Returns what is wrong with the journal.
pub fn asked_before<D: Disk>(disk: &D, script: &[Command]) -> Result<Vec<Command>, RunError> {
    let (mut records, mut script, mut found) = (Records::open(disk, Kind::Control)?, script.to_vec(), Vec::new());
    while let Some(block) = records.next_block()? {
        for record in block.filter(|record| record.head.kind == control::COMMAND) {
            let read = serde_json::from_slice(record.payload);
            let command: Command = read.map_err(|e| RunError::Said(format!("record {} is no command ({e})", record.head.number)))?;
            // A scripted one stands in the journal with the decision at which it was obeyed: at its own time or after it.
            let is_same = |scripted: &Command| scripted.at <= command.at && Command { at: command.at, ..scripted.clone() } == command;
            match script.iter().position(is_same) {
                Some(at) => drop(script.remove(at)),
                None => found.push(command),
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot4_engine::desk::operator::Action;
    use bot4_io::disk::Folder;
    use bot4_io::journal::{Durability, Writer};

    #[test]
    fn what_was_scripted_is_told_from_what_people_asked_for() {
        let folder = std::env::temp_dir().join(format!("bot4-asked-{}", std::process::id()));
        let disk = Folder::make(&folder).expect("a folder");
        let (mut writer, _) = Writer::open(&disk, Kind::Control, Durability::PageCache, 1 << 16).expect("a new journal");
        let command = |at, action, who: &str| Command::new(at, action, who.to_owned());
        let obeyed = [
            command(60, Action::Pause, "ada"),
            command(60, Action::Pause, "ada"),
            command(90, Action::Resume, "grace"),
            command(120, Action::Resume, "ada"),
        ];
        for command in &obeyed {
            let bytes = serde_json::to_vec(command).expect("plain");
            writer.append(control::COMMAND, 1, command.at, 0, &bytes).expect("there is room");
        }
        writer.append(control::FILL, 1, 130, 0, b"no command").expect("there is room");
        writer.commit().expect("a disk");
        // Scripted at 55 and obeyed at 60, once; and one for a time that the run has not come to.
        let script = [command(55, Action::Pause, "ada"), command(120, Action::Resume, "ada"), command(500, Action::Kill, "ada")];
        assert_eq!(asked_before(&disk, &script).expect("right"), [obeyed[1].clone(), obeyed[2].clone()]);
        assert_eq!(asked_before(&disk, &[]).expect("right"), obeyed);
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
