//! Which processors this process may use, and threads pinned to one of them. Where the system cannot, nothing happens.

/// Returns the numbers of the processors this thread may use.
pub fn allowed() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return (0..rustix::thread::CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect();
    }
    (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
}

/// Lets the calling thread run on these processors alone; says whether the system did so.
pub fn pin(cores: &[usize]) -> bool {
    #[cfg(target_os = "linux")]
    {
        let mut set = rustix::thread::CpuSet::new();
        cores.iter().for_each(|&core| set.set(core));
        rustix::thread::sched_setaffinity(None, &set).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = cores;
        false
    }
}

/// Pins the calling thread and lets it go again when dropped.
pub struct Pinned {
    before: Vec<usize>,
}

impl Pinned {
    /// Pins the calling thread to one processor; none where the system refuses.
    pub fn to(core: usize) -> Option<Self> {
        let before = allowed();
        pin(&[core]).then_some(Self { before })
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        pin(&self.before);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_has_one_core_until_it_is_let_go() {
        let before = allowed();
        assert!(!before.is_empty());
        let pinned = Pinned::to(before[before.len() - 1]).expect("the system pins");
        assert_eq!(allowed(), [before[before.len() - 1]]);
        drop(pinned);
        assert_eq!(allowed(), before);
    }
}
