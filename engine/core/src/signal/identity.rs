//! The identity of a program: BLAKE3 over a canonical binary form. What the gate licenses and the journal records; the same for the same strategy on every
//! machine, another for any other parameter bit, node version, clock or target. Asset ids are not part of it, symbols are.

use super::entries::Entries;
use super::program::{Program, Rows};
use super::span::Span;
use super::target::{Rearm, Rebalance, Stop, TargetKind};
use crate::desk::legs::Broken;

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
        self.takes_form(&mut form);
        self.entries_form(&mut form);
        self.legs_form(&mut form);
        self.orders_form(&mut form);
        self.rows_form(&mut form);
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
            form.rearm(target.rearm);
            form.stops(&target.stops);
        }
    }

    // Sections that only some programs have open with a name and are left out where empty: older programs keep their identity.

    fn rows_form(&self, form: &mut Form) {
        if let Some(rows) = self.rows {
            form.text("rows");
            form.count(match rows {
                Rows::Book => 1,
                Rows::Trade => 2,
            });
        }
    }

    fn takes_form(&self, form: &mut Form) {
        if self.targets.iter().any(|target| target.take.is_some()) {
            form.text("takes");
            self.targets.iter().for_each(|target| form.node(target.take));
        }
    }

    fn entries_form(&self, form: &mut Form) {
        if self.entries.is_empty() {
            return;
        }
        form.text("entries");
        form.count(self.entries.len());
        for Entries { asset, long, short, exit, size, max_units, stops, take, rearm, cooldown, max_positions, priority } in &self.entries {
            self.symbol(form, *asset);
            [long, short, exit, take, priority].into_iter().for_each(|&node| form.node(node));
            size.form().into_iter().for_each(|x| form.int(x));
            form.int(*max_units);
            form.stops(stops);
            form.rearm(*rearm);
            form.span(*cooldown);
            form.int(max_positions.unwrap_or(0));
        }
    }

    fn legs_form(&self, form: &mut Form) {
        if self.legs.is_empty() {
            return;
        }
        form.text("legs");
        form.count(self.legs.len());
        for legs in &self.legs {
            form.count(legs.targets.len());
            legs.targets.iter().for_each(|&target| form.count(target));
            form.count(match legs.broken {
                Broken::Flatten => 0,
                Broken::Complete => 1,
                Broken::Hold => 2,
            });
            form.int(legs.tolerance_e9);
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
    fn node(&mut self, node: Option<usize>) {
        self.int(node.map_or(-1, |node| node as i64));
    }
    fn rearm(&mut self, rearm: Rearm) {
        match rearm {
            Rearm::NewSignal => self.count(0),
            Rearm::Immediate => self.count(1),
            Rearm::CooldownBars(bars) => self.ints(2, &[bars as i64]),
            Rearm::CooldownMs(ms) => self.ints(3, &[ms]),
        }
    }
    fn stops(&mut self, stops: &[Stop]) {
        self.count(stops.len());
        for stop in stops {
            match *stop {
                Stop::Fixed { node } => self.ints(0, &[node as i64]),
                Stop::Trailing { node } => self.ints(1, &[node as i64]),
                Stop::TimeBars(bars) => self.ints(2, &[bars as i64]),
                Stop::TimeMs(ms) => self.ints(3, &[ms]),
            }
        }
    }
    fn span(&mut self, span: Option<Span>) {
        match span {
            None => self.count(0),
            Some(Span::Bars(bars)) => self.ints(1, &[bars]),
            Some(Span::Ms(ms)) => self.ints(2, &[ms]),
        }
    }
    fn ints(&mut self, tag: usize, xs: &[i64]) {
        self.count(tag);
        xs.iter().for_each(|&x| self.int(x));
    }
}
