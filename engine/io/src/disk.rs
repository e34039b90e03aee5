//! Files as the journal needs them, behind a trait, so that tests can crash a disk at every write.
//!
//! Offsets and lengths are bytes. Nothing here retries: a write or a sync that failed says so once.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A folder of files.
pub trait Disk {
    /// An open file.
    type File: DiskFile;
    /// The right to write, until it is dropped.
    type Claim;
    /// Returns the names of the files, sorted.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Opens an existing file; for reading alone where `is_read_only`.
    fn open(&self, name: &str, is_read_only: bool) -> io::Result<Self::File>;
    /// Makes a new file of `size` bytes, all zero and all allocated: writing inside it cannot find the disk full.
    fn create(&self, name: &str, size: u64) -> io::Result<Self::File>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the folder's list of files durable.
    fn sync_names(&self) -> io::Result<()>;
    /// Claims the right to write what the file `name` stands for; an error of the kind `WouldBlock`, with the other's words, where somebody has it.
    fn claim(&self, name: &str) -> io::Result<Self::Claim>;
}

impl<D: Disk> Disk for &D {
    type File = D::File;
    type Claim = D::Claim;

    fn names(&self) -> io::Result<Vec<String>> {
        (**self).names()
    }

    fn open(&self, name: &str, is_read_only: bool) -> io::Result<D::File> {
        (**self).open(name, is_read_only)
    }

    fn create(&self, name: &str, size: u64) -> io::Result<D::File> {
        (**self).create(name, size)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        (**self).remove(name)
    }

    fn sync_names(&self) -> io::Result<()> {
        (**self).sync_names()
    }

    fn claim(&self, name: &str) -> io::Result<D::Claim> {
        (**self).claim(name)
    }
}

/// A file that is written at offsets.
pub trait DiskFile {
    /// Returns the length.
    fn size(&self) -> io::Result<u64>;
    /// Fills `out` from `offset` on; an error where the file ends before.
    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all bytes at `offset`.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes everything written durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts or grows the file to `size` bytes; what is new is zero.
    fn resize(&mut self, size: u64) -> io::Result<()>;
}

/// A folder of the operating system.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens a folder that exists.
    ///
    /// # Errors
    /// Returns the system's error where it is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::read_dir(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Opens a folder, which is made where it does not exist.
    ///
    /// # Errors
    /// Returns the system's error where it cannot be made.
    pub fn make(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }
}

impl Disk for Folder {
    type File = File;
    type Claim = File;

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn open(&self, name: &str, is_read_only: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(!is_read_only).open(self.path.join(name))
    }

    fn create(&self, name: &str, size: u64) -> io::Result<File> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))?;
        // Some file systems cannot allocate ahead; there a full disk is found by the write itself.
        match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, size) {
            Ok(()) => {}
            Err(rustix::io::Errno::OPNOTSUPP) => file.set_len(size)?,
            Err(error) => {
                drop(file);
                std::fs::remove_file(self.path.join(name))?;
                return Err(error.into());
            }
        }
        Ok(file)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// The system lets go of a lock with the program that has it, however that ends: a file that is left behind claims nothing.
    fn claim(&self, name: &str) -> io::Result<File> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.path.join(name))?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            // Some file systems have no locks; there nobody is kept out.
            Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::NOLCK) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                file.take(256).read_to_string(&mut holder).unwrap_or(0);
                return Err(io::Error::new(io::ErrorKind::WouldBlock, holder.trim().to_owned()));
            }
            Err(error) => return Err(error.into()),
        }
        file.set_len(0)?;
        writeln!(file, "{}", this_process())?;
        Ok(file)
    }
}

/// Returns this process's number and how it was called, without folders and arguments.
fn this_process() -> String {
    let words = std::env::args_os().take(3).filter_map(|word| Some(Path::new(&word).file_name()?.to_string_lossy().into_owned()));
    let called: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    format!("process {} ({})", std::process::id(), called.join(" "))
}

impl DiskFile for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(out, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn resize(&mut self, size: u64) -> io::Result<()> {
        self.set_len(size)
    }
}
