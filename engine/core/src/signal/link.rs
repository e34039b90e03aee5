//! Builds `Signals` from a plan: takes the memory, makes every asset's nodes and binds them to their columns.

use super::arena::{Arena, Col};
use super::clock::{Carry, CarryEvent, Resampler, Sink};
use super::cs::Cross;
use super::executor::{Asset, Joint, Kept, RowPart, Segment, Signals, SlowClock};
use super::node::Node;
use super::op::Op;
use super::pick::{Pick, Reading};
use super::plan::{Item, Plan, Shape};
use super::program::Program;
use super::rows::{Border, Delay, Loop, State};
use super::slots::Home;
use super::step::Step;

/// Binds everything; see `Signals::new` and `Signals::beside`.
pub(crate) fn build(program: &Program, plan: &Plan, capacity: usize, shared: Option<&Signals>) -> Result<Signals, String> {
    let mut linker = Linker::new(program, plan, capacity, shared);
    let assets = (0..program.symbols.len()).map(|asset| linker.asset(asset)).collect::<Result<Vec<_>, _>>()?;
    let joints = plan.stages.iter().map(|stage| linker.joints(&stage.cross, false)).collect();
    let row_joints = plan.row_stages.iter().map(|stage| linker.joints(&stage.cross, true)).collect();
    let mut output = vec![None; program.nodes.len()];
    plan.outputs.iter().enumerate().for_each(|(place, &node)| output[node] = Some(place));
    let places = plan.outputs.iter().flat_map(|&node| (0..program.symbols.len()).map(move |asset| (node, asset)));
    let columns = places.map(|(node, asset)| plan.graph.need[node].includes(asset).then(|| linker.column(node, asset))).collect();
    let has_feedback = !plan.row_nodes.is_empty();
    let leaves = |node: &&usize| !plan.graph.by_row[**node] && matches!(plan.slots.home[**node], Home::Wide(_));
    let mut leaving: Vec<usize> = plan.outputs.iter().chain(&plan.row_imports).filter(leaves).copied().collect();
    leaving.sort_unstable();
    leaving.dedup();
    let of_asset = |asset: usize| leaving.iter().filter(move |&&node| plan.graph.need[node].includes(asset));
    let handed = (0..program.symbols.len()).map(|asset| of_asset(asset).map(|&node| linker.column(node, asset)).collect()).collect();
    let kept = if has_feedback { capacity } else { 0 };
    let kept = Kept { offsets: Vec::with_capacity(kept + 1), entries: Vec::with_capacity(kept * program.symbols.len()) };
    Ok(Signals {
        lens: vec![0; assets.len()],
        assets,
        joints,
        row_joints,
        output,
        columns,
        has_feedback,
        handed,
        kept,
        capacity,
        identity: identity(program, plan),
        _floats: linker.floats,
        _times: linker.times,
        _counts: linker.counts,
    })
}

/// The identity of the state: the program, the wanted outputs (they decide which nodes live) and the assets.
fn identity(program: &Program, plan: &Plan) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&program.identity());
    plan.outputs.iter().for_each(|&node| {
        hasher.update(&(node as u64).to_le_bytes());
    });
    for symbol in &program.symbols {
        hasher.update(&(symbol.len() as u64).to_le_bytes());
        hasher.update(symbol.as_bytes());
    }
    hasher.finalize().into()
}

/// The times of one clock of one asset.
#[derive(Clone, Copy)]
struct Clock {
    ts: Col<i64>,
    /// Buckets done at each base row; the base clock has none.
    done: Option<Col<u32>>,
}

struct Linker<'a> {
    program: &'a Program,
    plan: &'a Plan,
    /// Place for values in a column: a block, and one bucket more that a slower clock may complete late.
    cap: usize,
    floats: Arena,
    times: Arena<i64>,
    counts: Arena<u32>,
    constants: Vec<Option<Col>>,
    temps: Vec<Col>,
    /// Columns of the assets: all wide slots of the first, all of the second, …
    wides: Vec<Col>,
    /// Cells of the feedback part: for each asset all nodes.
    cells: Vec<Vec<Option<Col>>>,
    /// Base times of each asset.
    base: Vec<Col<i64>>,
    /// Where steps write that hand out their results themselves.
    nowhere: Col,
    /// Signals whose columns are read beside.
    shared: Option<&'a Signals>,
}

impl<'a> Linker<'a> {
    fn new(program: &'a Program, plan: &'a Plan, capacity: usize, shared: Option<&'a Signals>) -> Self {
        let cap = column_size(capacity + 1);
        let mut floats = Arena::new();
        let mut times = Arena::new();
        let temps = (0..plan.slots.temps).map(|_| floats.column(cap)).collect();
        let constants = program.nodes.iter().zip(&plan.slots.home).map(|(node, home)| match (node.op, home) {
            (Op::Const(value), Home::Const) => {
                let column = floats.column(cap);
                column.fill(value);
                Some(column)
            }
            _ => None,
        });
        let constants = constants.collect();
        let assets = program.symbols.len();
        let wides = (0..plan.slots.wides * assets).map(|_| floats.column(cap)).collect();
        let nowhere = floats.column(cap);
        let base = (0..assets).map(|_| times.column(cap)).collect();
        let counts = Arena::new();
        Self { program, plan, cap, floats, times, counts, constants, temps, wides, cells: Vec::new(), base, nowhere, shared }
    }

    /// Returns the column of a node for an asset.
    fn column(&self, node: usize, asset: usize) -> Col {
        match self.plan.slots.home[node] {
            Home::Const => self.constants[node].expect("a constant has its column"),
            Home::Temp(slot) => self.temps[slot],
            Home::Wide(slot) => self.wides[asset * self.plan.slots.wides + slot],
            Home::Shared(other) => {
                let shared = self.shared.and_then(|signals| signals.place_of(other, asset));
                shared.expect("what is read beside is an output of the signals beside")
            }
            Home::None => unreachable!("node {node} is read but has no column"),
        }
    }

    fn asset(&mut self, asset: usize) -> Result<Asset, String> {
        let (program, plan) = (self.program, self.plan);
        let mut clocks = vec![Some(Clock { ts: self.base[asset], done: None })];
        let mut slow = Vec::new();
        for clock in 1..program.clocks.len() {
            let resampler = self.resampler(asset, clock);
            clocks.push(resampler.as_ref().map(|(times, _)| *times));
            slow.extend(resampler.map(|(_, resampler)| SlowClock { clock, resampler }));
        }
        let here = |node: &&usize| plan.graph.need[**node].includes(asset);
        let (mut loads, mut features) = (Vec::new(), Vec::new());
        for &node in plan.loads.iter().filter(here).filter(|&&node| program.nodes[node].clock == 0) {
            match program.nodes[node].op {
                Op::Col(column) => loads.push((column, self.column(node, asset))),
                Op::Feature(place) => features.push((place, self.column(node, asset))),
                _ => unreachable!("loads are columns"),
            }
        }
        let mut stages = Vec::with_capacity(plan.stages.len());
        for stage in &plan.stages {
            let mut segments = Vec::new();
            for segment in &stage.segments {
                let (mut steps, mut groups) = (Vec::new(), Vec::new());
                for item in segment.items.iter().filter(|item| here(&&item.nodes[0])) {
                    let clock = clocks[segment.clock].expect("a live node's clock runs");
                    let before = steps.len();
                    self.item(item, asset, clock, &clocks, &mut steps)?;
                    groups.push(steps.len() - before);
                }
                if !steps.is_empty() {
                    segments.push(Segment { clock: segment.clock, len: 0, steps, groups });
                }
            }
            stages.push(segments);
        }
        let rows = self.row_part(asset)?;
        Ok(Asset { ts: self.base[asset], loads, features, slow, lens: vec![0; program.clocks.len()], stages, rows })
    }

    /// Makes the resampler of a clock if a live node of this asset is on it.
    fn resampler(&mut self, asset: usize, clock: usize) -> Option<(Clock, Resampler)> {
        let program = self.program;
        let live = |node: usize| self.plan.graph.need[node].includes(asset);
        let carried = |node: usize| {
            program.nodes[node].op.base_only() && program.nodes[node].inputs.iter().any(|&input| program.nodes[input].clock == clock)
        };
        if !(0..program.nodes.len()).any(|node| live(node) && (program.nodes[node].clock == clock || carried(node))) {
            return None;
        }
        let here = self.plan.loads.iter().filter(|&&node| live(node) && program.nodes[node].clock == clock);
        let columns = here.filter_map(|&node| match program.nodes[node].op {
            Op::Col(column) => Some((column, self.column(node, asset))),
            _ => None,
        });
        let columns = columns.collect();
        let (ts, done) = (self.times.column(self.cap), self.counts.column(self.cap));
        let resampler = Resampler::new(program.clocks[clock], program.interval_ms, Sink { ts, columns, done });
        Some((Clock { ts, done: Some(done) }, resampler))
    }

    /// Binds one item of the static part.
    fn item(&mut self, item: &Item, asset: usize, clock: Clock, clocks: &[Option<Clock>], steps: &mut Vec<Step>) -> Result<(), String> {
        if item.shape == Shape::Loop {
            let node = self.state_loop(item, asset, clock)?;
            steps.push(Step::new(Box::new(node), &[], clock.ts, self.nowhere));
            return Ok(());
        }
        let inputs = |node: usize| self.program.nodes[node].inputs.iter().map(|&input| self.column(input, asset)).collect::<Vec<Col>>();
        let all: Vec<Col> = item.nodes.iter().flat_map(|&node| inputs(node)).collect();
        for &node in &item.nodes {
            let out = self.column(node, asset);
            debug_assert!(all.iter().all(|input| !input.overlaps(out)), "lanes of a bank may not write over each other's inputs");
            steps.push(Step::new(self.node(node, asset, clocks)?, &inputs(node), clock.ts, out));
        }
        Ok(())
    }

    /// Makes a node of the static part.
    fn node(&self, index: usize, asset: usize, clocks: &[Option<Clock>]) -> Result<Box<dyn Node>, String> {
        let node = &self.program.nodes[index];
        let slow = |input: usize| {
            let done = clocks[self.program.nodes[input].clock].and_then(|clock| clock.done).expect("a carried clock runs");
            (self.column(input, asset), done)
        };
        match node.op {
            Op::Carry => {
                let (slow, done) = slow(node.inputs[0]);
                Ok(Box::new(Carry { slow, done, last: f64::NAN }))
            }
            Op::CarryEvent => {
                let (slow, done) = slow(node.inputs[0]);
                Ok(Box::new(CarryEvent { slow, done }))
            }
            Op::State(init) => Ok(Box::new(Delay { held: init })),
            _ => self.local(index),
        }
    }

    /// Makes a node of the catalogue.
    fn local(&self, index: usize) -> Result<Box<dyn Node>, String> {
        let node = &self.program.nodes[index];
        let Op::Local(kind) = node.op else { unreachable!("`{}` is not a node of the catalogue", node.name) };
        (kind.build)(&self.program.params(index)).map_err(|error| format!("node {index} (`{}`): {error}", node.name))
    }

    fn state_loop(&mut self, item: &Item, asset: usize, clock: Clock) -> Result<Loop, String> {
        let cells = self.fresh_cells(&item.nodes);
        let (border, cells) = self.border(&item.nodes, cells, asset, clock.ts);
        let steps = item.nodes.iter().filter(|&&node| !matches!(self.program.nodes[node].op, Op::State(_)));
        let steps = steps.map(|&node| self.row_step(node, &cells, border.ts.1)).collect::<Result<_, _>>()?;
        Ok(Loop { border, steps })
    }

    fn row_part(&mut self, asset: usize) -> Result<RowPart, String> {
        let (program, plan) = (self.program, self.plan);
        let here = |node: &&usize| plan.graph.need[**node].includes(asset);
        let nodes: Vec<usize> = plan.row_nodes.iter().filter(here).copied().collect();
        let cells = self.fresh_cells(&nodes);
        let (border, cells) = self.border(&nodes, cells, asset, self.base[asset]);
        let mut positions = Vec::new();
        let mut account = Vec::new();
        for &node in &nodes {
            match program.nodes[node].op {
                Op::Position(field) => positions.push((field, cells[node].expect("the node has a cell"))),
                Op::Account(field) => account.push((field, cells[node].expect("the node has a cell"))),
                _ => {}
            }
        }
        let mut stages = Vec::with_capacity(plan.row_stages.len());
        for stage in &plan.row_stages {
            let steps = stage.nodes.iter().filter(here).map(|&node| self.row_step(node, &cells, border.ts.1));
            stages.push(steps.collect::<Result<_, _>>()?);
        }
        self.cells.push(cells);
        Ok(RowPart { border, positions, account, stages })
    }

    /// Gives a cell to each of the nodes.
    fn fresh_cells(&mut self, nodes: &[usize]) -> Vec<Option<Col>> {
        let mut cells = vec![None; self.program.nodes.len()];
        nodes.iter().for_each(|&node| cells[node] = Some(self.floats.column(1)));
        cells
    }

    /// Makes the border of nodes that run row by row: a cell for each column they read from outside, and exports for those that are read outside.
    fn border(&mut self, nodes: &[usize], mut cells: Vec<Option<Col>>, asset: usize, ts: Col<i64>) -> (Border, Vec<Option<Col>>) {
        let home = &self.plan.slots.home;
        let exported = nodes.iter().filter(|&&node| home[node] != Home::None);
        let exports = exported.map(|&node| (cells[node].expect("the node has a cell"), self.column(node, asset))).collect();
        let mut imports = Vec::new();
        for &input in nodes.iter().flat_map(|&node| &self.program.nodes[node].inputs) {
            // What another asset computes reaches this one through its `pick`, not through a cell.
            if cells[input].is_none() && self.plan.graph.need[input].includes(asset) {
                let column = self.column(input, asset);
                if home[input] == Home::Const {
                    cells[input] = Some(column);
                } else {
                    let cell = self.floats.column(1);
                    imports.push((column, cell));
                    cells[input] = Some(cell);
                }
            }
        }
        let states = nodes.iter().filter_map(|&node| match self.program.nodes[node].op {
            Op::State(init) => {
                let next = cells[self.program.nodes[node].inputs[0]].expect("the next node has a cell");
                Some(State { cell: cells[node].expect("the node has a cell"), next, held: init })
            }
            _ => None,
        });
        let border = Border { ts: (ts, self.times.column(1)), imports, exports, states: states.collect() };
        (border, cells)
    }

    fn row_step(&self, index: usize, cells: &[Option<Col>], ts: Col<i64>) -> Result<Step, String> {
        let cell = |node: usize| cells[node].expect("the node has a cell");
        let inputs: Vec<Col> = self.program.nodes[index].inputs.iter().map(|&input| cell(input)).collect();
        let mut step = Step::new(self.local(index)?, &inputs, ts, cell(index));
        step.set_len(1);
        Ok(step)
    }

    /// Binds the nodes across assets that end a stage.
    fn joints(&self, nodes: &[usize], cells: bool) -> Vec<Joint> {
        let place = |node: usize, asset: usize| {
            if cells { self.cells[asset][node].expect("the node has a cell") } else { self.column(node, asset) }
        };
        let assets = 0..self.program.symbols.len();
        let joint = |&index: &usize| {
            let node = &self.program.nodes[index];
            let input = node.inputs[0];
            match node.op {
                Op::Cross(kind) => Joint::Cross(Cross::new(
                    kind,
                    assets.clone().map(|asset| place(input, asset)).collect(),
                    assets.clone().map(|asset| place(index, asset)).collect(),
                )),
                Op::Pick(source) | Op::PickEvent(source) => {
                    let readers = assets.clone().filter(|&asset| self.plan.graph.need[index].includes(asset));
                    let readers = readers.map(|asset| Reading { asset, ts: self.base[asset], out: place(index, asset) }).collect();
                    let event = matches!(node.op, Op::PickEvent(_));
                    Joint::Pick(Pick::new(source, self.base[source], place(input, source), readers, event))
                }
                _ => unreachable!("`{}` does not join assets", node.name),
            }
        };
        nodes.iter().map(joint).collect()
    }
}

/// Rounds a column up to whole cache lines, and off the multiples of a page that would put all columns into the same cache sets.
fn column_size(rows: usize) -> usize {
    if rows < 8 {
        return rows;
    }
    let size = rows.next_multiple_of(8);
    if size % 512 == 0 { size + 8 } else { size }
}
