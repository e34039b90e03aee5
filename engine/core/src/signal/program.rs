//! A traced program: a flat list of nodes in topological order, with targets. Parsed from the JSON of `docs/design.md` and checked completely, so that
//! whatever runs it can trust it. It holds no state and no data.

use super::entries::Entries;
use super::legs::Legs;
use super::node::{Params, Warmup};
use super::op::{Op, find_symbol};
use super::orders::{KeyedOrder, RawOrder, check_keys};
pub use super::schema::Rows;
use super::schema::{RawNode, RawProgram, RawTarget};
use super::target::{Rebalance, Target};

/// The format this engine reads.
const FORMAT: u32 = 1;

/// One node of the program.
pub struct Node {
    /// Name in the program.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Indices of its inputs: earlier nodes, and a later one for `state`.
    pub inputs: Vec<usize>,
    /// Numbers, in the catalogue's order.
    pub f: Vec<f64>,
    /// The one string parameter.
    pub s: String,
    /// Index of its clock; 0 is the base clock.
    pub clock: usize,
    /// The only asset it runs for.
    pub only: Option<usize>,
    /// Base rows before it has a value and before it has settled.
    pub warmup: Warmup,
}

/// A checked program over known assets.
pub struct Program {
    /// `strategy`, `portfolio` or `expression`.
    pub kind: String,
    /// The base interval.
    pub interval_ms: i64,
    /// Intervals of the clocks; the first is the base interval.
    pub clocks: Vec<i64>,
    /// What a row of tick data is made of; none = bars.
    pub rows: Option<Rows>,
    /// When targets may act; none = always.
    pub rebalance: Option<Rebalance>,
    /// Nodes in topological order.
    pub nodes: Vec<Node>,
    /// Targets, in the program's order.
    pub targets: Vec<Target>,
    /// Entries, in the program's order.
    pub entries: Vec<Entries>,
    /// Groups of targets.
    pub legs: Vec<Legs>,
    /// Keyed orders, in the program's order.
    pub orders: Vec<KeyedOrder>,
    /// The assets' symbols, in id order.
    pub symbols: Vec<String>,
}

impl Program {
    /// Parses and checks a program over the given assets, whose order is their id order.
    ///
    /// # Errors
    /// Returns one sentence that says what is wrong, where, and what is allowed.
    pub fn parse<S: AsRef<str>>(json: &str, symbols: &[S]) -> Result<Self, String> {
        let raw: RawProgram =
            serde_json::from_str(json).map_err(|error| format!("the program is not in the format of version {FORMAT}: {error}"))?;
        let symbols: Vec<String> = symbols.iter().map(|symbol| symbol.as_ref().to_string()).collect();
        check_head(&raw)?;
        let mut program = Self {
            kind: raw.kind,
            interval_ms: raw.interval_ms,
            rows: raw.rows,
            rebalance: raw.rebalance.map(|rebalance| rebalance.resolve()).transpose()?,
            clocks: raw.clocks,
            nodes: Vec::with_capacity(raw.nodes.len()),
            targets: Vec::with_capacity(raw.targets.len()),
            orders: Vec::with_capacity(raw.orders.len()),
            entries: Vec::with_capacity(raw.entries.len()),
            legs: Vec::with_capacity(raw.legs.len()),
            symbols,
        };
        let count = raw.nodes.len();
        for (index, node) in raw.nodes.into_iter().enumerate() {
            let name = node.op.clone();
            let node = program.node(index, node, count).map_err(|error| format!("node {index} (`{name}`): {error}"))?;
            program.nodes.push(node);
        }
        program.check_states()?;
        for (index, target) in raw.targets.into_iter().enumerate() {
            let target = program.target(target).map_err(|error| format!("target {index}: {error}"))?;
            program.targets.push(target);
        }
        for (index, entries) in raw.entries.iter().enumerate() {
            let asset = entries.asset.as_deref().map(|symbol| find_symbol(symbol, &program.symbols)).transpose();
            let entries = asset.and_then(|asset| entries.resolve(&program, asset)).map_err(|error| format!("entries {index}: {error}"))?;
            program.entries.push(entries);
        }
        let mut taken = Vec::new();
        for (index, legs) in raw.legs.into_iter().enumerate() {
            let legs = legs.resolve(program.targets.len(), &mut taken).map_err(|error| format!("legs {index}: {error}"))?;
            program.legs.push(legs);
        }
        for order in raw.orders {
            let key = order.key.clone();
            let order = program.order(order).map_err(|error| format!("order `{key}`: {error}"))?;
            program.orders.push(order);
        }
        check_keys(&program.orders, &program.symbols)?;
        Ok(program)
    }

    /// Returns the interval of a clock over the base interval.
    pub fn ratio(&self, clock: usize) -> u64 {
        (self.clocks[clock] / self.interval_ms) as u64
    }

    /// Returns a node that shows `node` on the base clock: itself there, else a new carry at the end of the list.
    pub fn carried(&mut self, node: usize) -> usize {
        let source = &self.nodes[node];
        if source.clock == 0 {
            return node;
        }
        let (only, warmup) = (source.only, source.warmup);
        let name = "carry".to_string();
        self.nodes.push(Node { name, op: Op::Carry, inputs: vec![node], f: vec![], s: String::new(), clock: 0, only, warmup });
        self.nodes.len() - 1
    }

    /// Returns the node's parameters as the catalogue reads them.
    pub fn params(&self, node: usize) -> Params<'_> {
        let Node { f, s, clock, .. } = &self.nodes[node];
        Params { f, s, interval_ms: self.clocks[*clock] }
    }

    /// Returns every node that targets, entries and keyed orders read, in ascending order.
    pub fn target_nodes(&self) -> Vec<usize> {
        let targets = self.targets.iter().flat_map(Target::nodes);
        let mut nodes: Vec<usize> = targets.chain(self.entries.iter().flat_map(Entries::nodes)).collect();
        nodes.extend(self.orders.iter().flat_map(KeyedOrder::nodes));
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Returns the base rows of an asset before the first decision that reads these nodes: the longest settled warm-up.
    pub fn settled(&self, nodes: impl Iterator<Item = usize>) -> u64 {
        nodes.map(|node| self.nodes[node].warmup.settled).max().unwrap_or(0)
    }

    /// Returns the base rows of an asset before the first decision on its keyed orders: the settled warm-up of everything that they read.
    pub fn settled_orders(&self, asset: usize) -> u64 {
        let orders = self.orders.iter().filter(|order| order.asset.is_none_or(|only| only == asset));
        self.settled(orders.flat_map(KeyedOrder::nodes))
    }

    /// Returns, for each node, whether it descends from the position or the account.
    pub fn feedback(&self) -> Vec<bool> {
        let mut feedback: Vec<bool> = self.nodes.iter().map(|node| node.op.is_book()).collect();
        self.spread(&mut feedback);
        feedback
    }

    /// Marks all descendants of the marked nodes.
    pub(crate) fn spread(&self, marked: &mut [bool]) {
        loop {
            let mut changed = false;
            for (index, node) in self.nodes.iter().enumerate() {
                if !marked[index] && node.inputs.iter().any(|&input| marked[input]) {
                    marked[index] = true;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn node(&self, index: usize, raw: RawNode, count: usize) -> Result<Node, String> {
        if raw.clock >= self.clocks.len() {
            return Err(format!("clock {} does not exist; the program has {} clocks", raw.clock, self.clocks.len()));
        }
        if let Some(bad) = raw.f.iter().find(|x| !x.is_finite()) {
            return Err(format!("the parameter {bad} is not finite"));
        }
        let op = Op::resolve(&raw.op, &raw.f, &raw.s, &self.symbols)?;
        if raw.inputs.len() != op.inputs() {
            return Err(format!("it takes {} inputs, got {}", op.inputs(), raw.inputs.len()));
        }
        if op.base_only() && raw.clock != 0 {
            return Err("it exists on the base clock only; carry the slower series to the base clock first".to_string());
        }
        let only = raw.only.as_deref().map(|symbol| find_symbol(symbol, &self.symbols)).transpose()?;
        if only.is_some() && matches!(op, Op::Cross(_)) {
            return Err("a cross-section spans every asset and cannot run for one alone; remove `only`".to_string());
        }
        let mut node = Node { name: raw.op, op, inputs: raw.inputs, f: raw.f, s: raw.s, clock: raw.clock, only, warmup: Warmup::default() };
        if matches!(op, Op::State(_)) {
            if node.inputs[0] <= index || node.inputs[0] >= count {
                return Err(format!("its input {} is not a later node; `state` reads the node that gives its next value", node.inputs[0]));
            }
        } else {
            for &input in &node.inputs {
                self.check_input(index, &node, input)?;
            }
            node.warmup = self.warmup(&node)?;
        }
        Ok(node)
    }

    fn check_input(&self, index: usize, node: &Node, input: usize) -> Result<(), String> {
        if input >= index {
            return Err(format!("its input {input} is not an earlier node; only `state` reads a later one"));
        }
        let source = &self.nodes[input];
        if matches!(source.op, Op::Const(_)) && !matches!(node.op, Op::Carry | Op::CarryEvent) {
            return Ok(());
        }
        match node.op {
            Op::Carry | Op::CarryEvent if source.clock == 0 => {
                return Err(format!("its input {input} is on the base clock already; carry takes a slower one"));
            }
            Op::Carry | Op::CarryEvent => {}
            _ if source.clock != node.clock => {
                return Err(format!("its input {input} is on clock {}, the node on clock {}; carry it first", source.clock, node.clock));
            }
            _ => {}
        }
        self.check_scope(node, source).map_err(|error| format!("its input {input} {error}"))
    }

    fn check_scope(&self, node: &Node, source: &Node) -> Result<(), String> {
        let Some(asset) = source.only else { return Ok(()) };
        let symbol = &self.symbols[asset];
        match node.op {
            Op::Pick(wanted) | Op::PickEvent(wanted) if wanted == asset => Ok(()),
            Op::Pick(_) | Op::PickEvent(_) => Err(format!("belongs to {symbol}, not to {}", node.s)),
            _ if node.only == Some(asset) => Ok(()),
            _ => Err(format!("belongs to {symbol} alone; pick it to see it from other assets")),
        }
    }

    /// Checks what `state` reads, which stands behind it in the list.
    fn check_states(&self) -> Result<(), String> {
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| matches!(node.op, Op::State(_))) {
            let next = &self.nodes[node.inputs[0]];
            let place = |error: String| format!("node {index} (`state`): its input {} {error}", node.inputs[0]);
            if next.clock != node.clock && !matches!(next.op, Op::Const(_)) {
                return Err(place(format!("is on clock {}, the node on clock {}; carry it first", next.clock, node.clock)));
            }
            self.check_scope(node, next).map_err(place)?;
        }
        Ok(())
    }

    /// Adds the node's own rows, in base rows, to those of its inputs.
    fn warmup(&self, node: &Node) -> Result<Warmup, String> {
        let own = match node.op {
            Op::Local(kind) => {
                let params = Params { f: &node.f, s: &node.s, interval_ms: self.clocks[node.clock] };
                (kind.build)(&params)?;
                (kind.warmup)(&params)
            }
            _ => Warmup::default(),
        };
        let ratio = self.ratio(node.clock);
        let before = |rows: fn(&Warmup) -> u64| node.inputs.iter().map(|&input| rows(&self.nodes[input].warmup)).max().unwrap_or(0);
        Ok(Warmup {
            valid: before(|w| w.valid).saturating_add(own.valid.saturating_mul(ratio)),
            settled: before(|w| w.settled).saturating_add(own.settled.saturating_mul(ratio)),
        })
    }

    fn order(&self, raw: RawOrder) -> Result<KeyedOrder, String> {
        let asset = raw.asset.as_deref().map(|symbol| find_symbol(symbol, &self.symbols)).transpose()?;
        let order = raw.resolve(asset)?;
        order.nodes().try_for_each(|node| self.check_read(node, asset, "order"))?;
        Ok(order)
    }

    /// Refuses a node that what addresses `asset` cannot read; `what` names it.
    pub(super) fn check_read(&self, node: usize, asset: Option<usize>, what: &str) -> Result<(), String> {
        let source =
            self.nodes.get(node).ok_or_else(|| format!("node {node} does not exist; the program has {} nodes", self.nodes.len()))?;
        if source.clock != 0 && !matches!(source.op, Op::Const(_)) {
            return Err(format!("node {node} is on clock {}; carry it to the base clock first", source.clock));
        }
        match source.only {
            Some(only) if source.only != asset => {
                Err(format!("node {node} belongs to {} alone; address the {what} to it, or pick it", self.symbols[only]))
            }
            _ => Ok(()),
        }
    }

    fn target(&self, raw: RawTarget) -> Result<Target, String> {
        let asset = raw.asset.as_deref().map(|symbol| find_symbol(symbol, &self.symbols)).transpose()?;
        let stops = raw.stops.iter().map(|stop| stop.resolve()).collect::<Result<Vec<_>, _>>()?;
        if !(raw.band >= 0.0 && raw.band.is_finite() && raw.budget >= 0.0 && raw.budget.is_finite()) {
            return Err(format!("band {} and budget {} must be finite and not negative", raw.band, raw.budget));
        }
        let rearm = raw.rearm.map_or(Ok(super::target::Rearm::NewSignal), |rearm| rearm.resolve())?;
        let target = Target { node: raw.node, kind: raw.kind, asset, band: raw.band, budget: raw.budget, rearm, stops, take: raw.take };
        target.nodes().try_for_each(|node| self.check_read(node, asset, "target"))?;
        Ok(target)
    }
}

fn check_head(raw: &RawProgram) -> Result<(), String> {
    if raw.version != FORMAT {
        return Err(format!("the program has format {}, this engine reads {FORMAT}; trace it again with this version", raw.version));
    }
    if !["strategy", "portfolio", "expression"].contains(&raw.kind.as_str()) {
        return Err(format!("the program's kind `{}` is not strategy, portfolio or expression", raw.kind));
    }
    if raw.interval_ms <= 0 || raw.clocks.first() != Some(&raw.interval_ms) {
        return Err(format!("the first clock must be the interval of {} ms, above 0; clocks are {:?}", raw.interval_ms, raw.clocks));
    }
    if let Some(bad) = raw.clocks[1..].iter().find(|&&clock| clock <= raw.interval_ms || clock % raw.interval_ms != 0) {
        return Err(format!("the clock of {bad} ms is not a longer multiple of the interval of {} ms", raw.interval_ms));
    }
    Ok(())
}
