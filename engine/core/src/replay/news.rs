//! News for lanes: on which rows some column that an asset's keyed orders read differs from the row before.
//!
//! Of the static part whole blocks are compared at once; what reads the book is compared row by row as it appears. A first row after a start
//! is news. Where nothing is new the desk has nothing to decide, so this only saves time: it is no state of the run.
use super::block::Columns;
use crate::event::Entry;

/// What is watched for one asset.
#[derive(Default)]
struct Watch {
    /// Nodes that the static part computes, with the bits of their last row.
    nodes: Vec<(usize, u64)>,
    /// Nodes that wait for the book, likewise.
    feedback: Vec<(usize, u64)>,
    /// Whether the last row is known.
    is_known: bool,
    /// For each row of the block, the bits that have changed.
    rows: Vec<u64>,
}

/// The news of one block, by asset.
pub struct News {
    /// Whether nothing that waits for the book is watched.
    is_quiet: bool,
    assets: Vec<Watch>,
}

impl News {
    /// Watches the nodes of each asset; `feedback` says which wait for the book. Blocks hold at most `block` rows.
    pub fn new(nodes: Vec<Vec<usize>>, feedback: &[bool], block: usize) -> Self {
        let watch = |nodes: Vec<usize>| {
            let (late, early): (Vec<_>, Vec<_>) = nodes.into_iter().map(|node| (node, 0)).partition(|&(node, _)| feedback[node]);
            Watch { nodes: early, feedback: late, is_known: false, rows: Vec::with_capacity(block) }
        };
        let assets: Vec<Watch> = nodes.into_iter().map(watch).collect();
        Self { is_quiet: assets.iter().all(|watch| watch.feedback.is_empty()), assets }
    }

    /// Forgets the last row: another history continues.
    pub fn forget(&mut self) {
        self.assets.iter_mut().for_each(|watch| watch.is_known = false);
    }

    /// Compares the static columns of a block whose assets have `lens` rows.
    pub fn take(&mut self, signals: &impl Columns, lens: impl Iterator<Item = usize>) {
        for (asset, (watch, len)) in self.assets.iter_mut().zip(lens).enumerate() {
            watch.rows.clear();
            if len == 0 || (watch.nodes.is_empty() && watch.feedback.is_empty()) {
                continue;
            }
            watch.rows.resize(len, 0);
            for (node, last) in &mut watch.nodes {
                let column = &signals.column(*node, asset)[..len];
                watch.rows[0] |= column[0].to_bits() ^ *last;
                for (news, pair) in watch.rows[1..].iter_mut().zip(column.windows(2)) {
                    *news |= pair[0].to_bits() ^ pair[1].to_bits();
                }
                *last = column[len - 1].to_bits();
            }
            watch.rows[0] |= u64::from(!watch.is_known);
            watch.is_known = true;
        }
    }

    /// Compares what has just been computed from the book for the assets of one grid row.
    #[inline(always)]
    pub fn row(&mut self, signals: &impl Columns, present: &[Entry]) {
        if self.is_quiet {
            return;
        }
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let watch = &mut self.assets[asset];
            for (node, last) in &mut watch.feedback {
                let bits = signals.column(*node, asset)[local].to_bits();
                watch.rows[local] |= bits ^ *last;
                *last = bits;
            }
        }
    }

    /// Returns, for each row of the asset's block, bits that are 0 where nothing is new; empty where nothing is watched.
    #[inline(always)]
    pub fn of(&self, asset: usize) -> &[u64] {
        &self.assets[asset].rows
    }
}
