//! The identity of a program: BLAKE3 over a canonical binary form. What the gate licenses and the journal records; the same for the same strategy on every
//! machine, another for any other parameter bit, node version, clock or target. Asset ids are not part of it, symbols are.

use super::program::Program;
use super::target::{Rearm, Rebalance, Stop, TargetKind};

/// First bytes of the canonical form; changes with the form.
const TAG: &str = "bot4 program 1";

impl Program {
    /// Returns the identity.
    pub fn identity(&self) -> [u8; 32] {
        let mut form = Form(blake3::Hasher::new());
        form.text(TAG);
        form.text(&self.kind);
        form.int(self.interval_ms);
        form.count(self.clocks.len());
        self.clocks.iter().for_each(|&clock| form.int(clock));
        self.rebalance_form(&mut form);
        form.count(self.nodes.len());
        for node in &self.nodes {
            form.text(&node.name);
            form.count(node.op.version() as usize);
            form.count(node.inputs.len());
            node.inputs.iter().for_each(|&input| form.count(input));
            form.count(node.f.len());
            node.f.iter().for_each(|&x| form.float(x));
            form.text(&node.s);
            form.count(node.clock);
            self.symbol(&mut form, node.only);
        }
        self.targets_form(&mut form);
        self.orders_form(&mut form);
        form.0.finalize().into()
    }

    fn rebalance_form(&self, form: &mut Form) {
        match self.rebalance {
            None => form.count(0),
            Some(Rebalance::Period { period_ms, anchor_ms }) => form.ints(1, &[period_ms, anchor_ms]),
            Some(Rebalance::Months { months, day, at_ms }) => form.ints(2, &[months, day, at_ms]),
        }
    }

    fn targets_form(&self, form: &mut Form) {
        form.count(self.targets.len());
        for target in &self.targets {
            form.count(target.node);
            form.count(match target.kind {
                TargetKind::Weight => 0,
                TargetKind::Notional => 1,
                TargetKind::Qty => 2,
            });
            self.symbol(form, target.asset);
            form.float(target.band);
            form.float(target.budget);
            match target.rearm {
                Rearm::NewSignal => form.count(0),
                Rearm::Immediate => form.count(1),
                Rearm::CooldownBars(bars) => form.ints(2, &[bars as i64]),
                Rearm::CooldownMs(ms) => form.ints(3, &[ms]),
            }
            form.count(target.stops.len());
            for stop in &target.stops {
                match *stop {
                    Stop::Fixed { node } => form.ints(0, &[node as i64]),
                    Stop::Trailing { node } => form.ints(1, &[node as i64]),
                    Stop::TimeBars(bars) => form.ints(2, &[bars as i64]),
                    Stop::TimeMs(ms) => form.ints(3, &[ms]),
                }
            }
        }
    }

    /// Adds the keyed orders by key, whatever their order in the list; nothing where there are none.
    fn orders_form(&self, form: &mut Form) {
        if self.orders.is_empty() {
            return;
        }
        form.text("orders");
        form.count(self.orders.len());
        let mut orders: Vec<_> = self.orders.iter().collect();
        let symbol = |asset: Option<usize>| asset.map(|asset| self.symbols[asset].as_str());
        orders.sort_by(|a, b| (&a.key, symbol(a.asset)).cmp(&(&b.key, symbol(b.asset))));
        for order in orders {
            form.text(&order.key);
            self.symbol(form, order.asset);
            order.form().into_iter().for_each(|x| form.int(x));
            for text in [&order.oco, &order.after] {
                form.count(usize::from(text.is_some()));
                form.text(text.as_deref().unwrap_or(""));
            }
        }
    }

    fn symbol(&self, form: &mut Form, asset: Option<usize>) {
        form.count(usize::from(asset.is_some()));
        if let Some(asset) = asset {
            form.text(&self.symbols[asset]);
        }
    }
}

/// Feeds fields to the hash: integers as 8 little-endian bytes, text with its length before it.
struct Form(blake3::Hasher);

impl Form {
    fn int(&mut self, x: i64) {
        self.0.update(&x.to_le_bytes());
    }
    fn count(&mut self, x: usize) {
        self.int(x as i64);
    }
    fn float(&mut self, x: f64) {
        self.0.update(&x.to_bits().to_le_bytes());
    }
    fn text(&mut self, s: &str) {
        self.count(s.len());
        self.0.update(s.as_bytes());
    }
    fn ints(&mut self, tag: usize, xs: &[i64]) {
        self.count(tag);
        xs.iter().for_each(|&x| self.int(x));
    }
}
