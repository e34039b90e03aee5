//! The desk's window on one block: bars, signals by asset, funding.
use super::news::News;
use super::rules::{EntryWires, Wires};
use crate::desk::Source;
use crate::desk::funding::FundingSeries;
use crate::memory::prefetch::prefetch;
use crate::signal::Signals;
use crate::signal::grid::AssetRows;

/// Columns of a program by its own nodes, wherever they are computed.
pub(super) trait Columns {
    /// Returns a wanted column on the block's rows of one asset.
    fn column(&self, node: usize, asset: usize) -> &[f64];
}

impl Columns for Signals {
    #[inline(always)]
    fn column(&self, node: usize, asset: usize) -> &[f64] {
        Self::column(self, node, asset)
    }
}

/// The desk's window on one block.
pub(super) struct Block<'a, C: Columns = Signals> {
    rows: &'a [AssetRows<'a>],
    first_rows: &'a [u64],
    wires: &'a [Option<Wires>],
    funding: &'a [Option<FundingSeries<'a>>],
    signals: &'a C,
    news: &'a News,
    /// Targets of the first asset, which is often the only one: looked up once a block.
    first_targets: &'a [f64],
}

impl<'a, C: Columns> Block<'a, C> {
    #[inline(always)]
    pub fn new(
        rows: &'a [AssetRows<'a>],
        first_rows: &'a [u64],
        wires: &'a [Option<Wires>],
        funding: &'a [Option<FundingSeries<'a>>],
        signals: &'a C,
        news: &'a News,
    ) -> Self {
        let target = wires.first().and_then(|wires| wires.as_ref()?.target);
        let first_targets = target.map_or(&[][..], |node| signals.column(node, 0));
        Self { first_targets, ..Self::of_bars(rows, first_rows, wires, funding, signals, news) }
    }

    /// Looks no targets up beforehand: for a window that is not asked for them, or rarely.
    #[inline(always)]
    pub fn of_bars(
        rows: &'a [AssetRows<'a>],
        first_rows: &'a [u64],
        wires: &'a [Option<Wires>],
        funding: &'a [Option<FundingSeries<'a>>],
        signals: &'a C,
        news: &'a News,
    ) -> Self {
        Self { rows, first_rows, wires, funding, signals, news, first_targets: &[] }
    }

    /// Returns the number of assets.
    #[inline(always)]
    pub fn assets(&self) -> usize {
        self.rows.len()
    }

    /// Fetches the bars on which targets that change in rows `from..to` will be filled: they are scattered, so the processor does not
    /// guess them by itself. Returns where to go on.
    #[inline(always)]
    pub fn prefetch_fills(&self, from: usize, to: usize) -> usize {
        let AssetRows { open, high, low, volume, .. } = self.rows[0];
        let to = to.min(self.first_targets.len()).max(from);
        // Without a target there is nothing to fill.
        let changes = self.first_targets.get(from - 1..to).unwrap_or_default();
        for (at, pair) in changes.windows(2).enumerate() {
            if pair[0].to_bits() != pair[1].to_bits() {
                [open, high, low, volume].into_iter().for_each(|column| prefetch(column, from + at + 1));
            }
        }
        to
    }

    #[inline(always)]
    fn value(&self, node: Option<usize>, asset: usize, local: usize) -> f64 {
        node.map_or(f64::NAN, |node| self.signals.column(node, asset)[local])
    }

    #[inline(always)]
    fn entry_wires(&self, asset: usize) -> Option<EntryWires> {
        self.wires[asset].as_ref().and_then(|wires| wires.entries)
    }
}

impl<C: Columns> Source for Block<'_, C> {
    #[inline(always)]
    fn open(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].open[local]
    }
    #[inline(always)]
    fn high(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].high[local]
    }
    #[inline(always)]
    fn low(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].low[local]
    }
    #[inline(always)]
    fn close(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].close[local]
    }
    #[inline(always)]
    fn volume(&self, asset: usize, local: usize) -> f64 {
        self.rows[asset].volume[local]
    }
    #[inline(always)]
    fn row(&self, asset: usize, local: usize) -> u64 {
        self.first_rows[asset] + local as u64
    }
    #[inline(always)]
    fn target(&self, asset: usize, local: usize) -> f64 {
        if asset == 0
            && let Some(&target) = self.first_targets.get(local)
        {
            return target;
        }
        self.value(self.wires[asset].as_ref().and_then(|wires| wires.target), asset, local)
    }
    fn targets(&self, asset: usize) -> &[f64] {
        if asset == 0 {
            return self.first_targets;
        }
        self.wires[asset].as_ref().and_then(|wires| wires.target).map_or(&[], |node| self.signals.column(node, asset))
    }
    fn closes(&self, asset: usize) -> &[f64] {
        self.rows[asset].close
    }
    fn funding(&self, asset: usize) -> Option<FundingSeries<'_>> {
        self.funding[asset]
    }
    #[inline(always)]
    fn news(&self, asset: usize) -> &[u64] {
        self.news.of(asset)
    }
    #[inline(always)]
    fn node(&self, node: usize, asset: usize, local: usize) -> f64 {
        self.signals.column(node, asset)[local]
    }
    #[inline(always)]
    fn fixed(&self, asset: usize, local: usize) -> f64 {
        self.value(self.wires[asset].as_ref().and_then(|wires| wires.fixed), asset, local)
    }
    #[inline(always)]
    fn trailing(&self, asset: usize, local: usize) -> f64 {
        self.value(self.wires[asset].as_ref().and_then(|wires| wires.trailing), asset, local)
    }
    #[inline(always)]
    fn take(&self, asset: usize, local: usize) -> f64 {
        self.value(self.wires[asset].as_ref().and_then(|wires| wires.take), asset, local)
    }
    #[inline(always)]
    fn signals(&self, asset: usize, local: usize) -> [f64; 3] {
        self.entry_wires(asset).map_or([f64::NAN; 3], |wires| wires.signals.map(|node| self.value(node, asset, local)))
    }
    fn size(&self, asset: usize, local: usize) -> f64 {
        self.value(self.entry_wires(asset).map(|wires| wires.size), asset, local)
    }
    fn per_unit(&self, asset: usize, local: usize) -> f64 {
        self.value(self.entry_wires(asset).and_then(|wires| wires.per_unit), asset, local)
    }
    fn priority(&self, asset: usize, local: usize) -> f64 {
        self.value(self.entry_wires(asset).and_then(|wires| wires.priority), asset, local)
    }
    fn signal_columns(&self, asset: usize) -> [&[f64]; 3] {
        let column = |node: Option<usize>| node.map_or(&[][..], |node| self.signals.column(node, asset));
        self.entry_wires(asset).map_or([&[]; 3], |wires| wires.signals.map(column))
    }
    fn trailing_column(&self, asset: usize) -> &[f64] {
        self.wires[asset].as_ref().and_then(|wires| wires.trailing).map_or(&[], |node| self.signals.column(node, asset))
    }
}
